// All plugins of the plugin folders. Each runs by itself, from the time on when there is a use for it: what one does costs the others
// nothing.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ELASTIC_PROTOCOL_VERSION } from '@go-agent/protocol/elastic';
import type { Logger } from '@go-agent/runtime';
import {
  type Clock,
  describeError,
  every,
  runServices,
  type Service,
  untilAborted,
} from '@go-agent/runtime/core';
import type { HealthBoard } from '../../core/health-board.ts';
import { VERSION } from '../../version.ts';
import type { Broker } from '../broker/broker.ts';
import { loadOf } from '../broker/load.ts';
import { readableCluster } from '../broker/readable-cluster.ts';
import type { ProviderSource } from '../provider.ts';
import { v5Configuration } from '../v5/v5-configuration.ts';
import type { Migration } from '../v5/v5-migration.ts';
import { V5Provider } from '../v5/v5-provider.ts';
import { serveV5Request } from '../v5/v5-requests.ts';
import type { ConfiguredProvider } from './configured-provider.ts';
import { discoverPlugins, type InstalledPlugin } from './discover-plugins.ts';
import { Plugin } from './plugin.ts';
import { PluginDemand } from './plugin-demand.ts';
import { PluginDesk } from './plugin-desk.ts';
import { RfcProvider } from './rfc-provider.ts';
import { serveRfcRequest } from './rfc-requests.ts';

const TICK_MS = 60_000;

export interface PluginHostOptions {
  readonly folders: readonly string[];
  readonly dataDir: string;
  readonly serverId: string;
  readonly serverUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly health: HealthBoard;
  /** A plugin of the v5 dialect has come up and said what it makes of its profiles. */
  migrated(provider: ConfiguredProvider, migration: Migration): Promise<void>;
}

export class PluginHost implements ProviderSource {
  readonly #options: PluginHostOptions;
  readonly #providers = new Map<string, ConfiguredProvider>();
  readonly #demands = new Map<string, PluginDemand>();
  readonly #services: Service[] = [];
  #broker: Broker | undefined;

  constructor(options: PluginHostOptions) {
    this.#options = options;
  }

  provider(pluginId: string): ConfiguredProvider | undefined {
    return this.#providers.get(pluginId);
  }

  providers(): ConfiguredProvider[] {
    return [...this.#providers.values()];
  }

  /** Started if need be: resolves when it can be asked, or is in trouble. */
  async readyProvider(pluginId: string): Promise<ConfiguredProvider | undefined> {
    await this.#demands.get(pluginId)?.untilTried();
    return this.provider(pluginId);
  }

  /** False: it has not been started, since no cluster profile names it. */
  isUsed(pluginId: string): boolean {
    return this.#demands.get(pluginId)?.isWanted === true;
  }

  /** Reads the folders; the plugins of which there is a use start with `service`. */
  async open(broker: Broker): Promise<void> {
    this.#broker = broker;
    const { folders, health, logger } = this.#options;
    const { plugins, problems } = await discoverPlugins(folders);
    for (const { folder, message } of problems) {
      logger.error({ folder, message }, 'A plugin folder is not usable');
      health.report({
        scope: `plugin-folder/${folder}`,
        level: 'error',
        message: `Plugin in ${folder} cannot be used`,
        detail: message,
      });
    }
    for (const installed of plugins) this.#add(broker, installed);
  }

  readonly service: Service = {
    name: 'elastic-plugins',
    run: async (signal) => {
      if (this.#services.length === 0) return untilAborted(signal);
      await runServices(this.#services, signal);
    },
  };

  /** Starts plugins that have a cluster now, and tells those that run of their clusters as they are now. */
  configChanged(): void {
    const { scheduler, fleet } = this.#broker?.context ?? {};
    const users = [...(scheduler?.config().clusterProfiles ?? []), ...(fleet?.all() ?? [])];
    for (const { pluginId } of users) this.#demands.get(pluginId)?.want();
    for (const provider of this.#providers.values()) {
      if (provider.unavailable === undefined) provider.clustersChanged(this.#clusters(provider.pluginId));
    }
  }

  #add(broker: Broker, installed: InstalledPlugin): void {
    const { clock, logger, environment, health } = this.#options;
    const { id, name } = installed.manifest;
    const desk = new PluginDesk({ ...this.#options, pluginId: id, broker });
    const isV5 = installed.manifest.dialect === 'v5';
    const scope = `plugin/${id}`;
    const demand = new PluginDemand();
    this.#demands.set(id, demand);
    const plugin = new Plugin(installed, {
      clock,
      logger,
      environment,
      serve: (method, params) =>
        isV5 ? serveV5Request(desk, method, params) : serveRfcRequest(desk, method, params),
      initialize: () => (provider instanceof V5Provider ? provider.initialize() : this.#initialize(provider)),
      changed: () => {
        demand.noteTried();
        broker.pluginChanged(id);
        if (provider.unavailable === undefined) void this.#reconcile(id);
      },
      report: (problem) => {
        if (problem === undefined) health.clear(scope);
        else
          health.report({
            scope,
            level: 'error',
            message: `Elastic agent plugin ${name} (${id})`,
            detail: problem,
          });
      },
    });
    const provider = isV5 ? this.#v5(broker, plugin, desk) : new RfcProvider(plugin, logger);
    this.#providers.set(id, provider);
    const services = [
      plugin.service,
      every({
        name: `${id}-tick`,
        clock,
        initialDelayMs: TICK_MS,
        delayMs: TICK_MS,
        task: async () => this.#tick(broker, provider),
        onError: (error) => logger.warn({ plugin: id, err: error }, 'Looking after an elastic plugin failed'),
      }),
    ];
    this.#services.push(demand.hold({ name: id, run: (signal) => runServices(services, signal) }));
  }

  #v5({ context }: Broker, plugin: Plugin, desk: PluginDesk): V5Provider {
    const { clock, logger } = this.#options;
    const { scheduler } = context;
    const provider: V5Provider = new V5Provider({
      plugin,
      clock,
      logger,
      createKey: (wish) => desk.createKey(wish),
      revoke: (key, why) => desk.revoke(key, why),
      cluster: (wanted) => this.#clusters(plugin.id).find(({ id }) => id === wanted),
      configuration: () => v5Configuration(scheduler, plugin.id),
      migrated: (migration) => this.#options.migrated(provider, migration),
    });
    return provider;
  }

  async #initialize(provider: RfcProvider): Promise<void> {
    const { dataDir, serverId, serverUrl } = this.#options;
    const dataFolder = join(dataDir, 'plugins', provider.pluginId);
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await provider.initialize({
      protocolVersion: ELASTIC_PROTOCOL_VERSION,
      pluginId: provider.pluginId,
      serverId,
      serverVersion: VERSION,
      serverUrl,
      dataFolder,
      clusters: this.#clusters(provider.pluginId),
    });
  }

  async #tick(broker: Broker, provider: ConfiguredProvider): Promise<void> {
    if (provider.unavailable !== undefined) return;
    provider.tell({ type: 'tick', params: loadOf(broker, provider.pluginId) });
    await broker.reconcile(provider.pluginId);
  }

  async #reconcile(pluginId: string): Promise<void> {
    try {
      await this.#broker?.reconcile(pluginId);
    } catch (error) {
      this.#options.logger.warn(
        { plugin: pluginId, reason: describeError(error) },
        'A plugin did not say what there is',
      );
    }
  }

  /** Those that can be used. */
  #clusters(pluginId: string) {
    const scheduler = this.#broker?.context.scheduler;
    if (scheduler === undefined) return [];
    return scheduler
      .config()
      .clusterProfiles.filter((cluster) => cluster.pluginId === pluginId)
      .flatMap((cluster) => readableCluster(scheduler, cluster) ?? []);
  }
}
