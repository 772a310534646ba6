// Puts broker and plugin host together.

import { randomUUID } from 'node:crypto';
import type { Service } from '@go-agent/runtime/core';
import type { EventBus } from '../core.ts';
import type { ElasticDesk, ElasticPluginView } from '../core-elastic.ts';
import type { Assigner } from '../scheduler/assigner.ts';
import type { SchedulerContext } from '../scheduler/scheduler-context.ts';
import { Broker } from './broker/broker.ts';
import { waitView } from './broker/wait-view.ts';
import type { ConfiguredProvider } from './plugin-host/configured-provider.ts';
import { PluginHost } from './plugin-host/plugin-host.ts';
import { keepMigrated } from './profiles/keep-migrated.ts';
import { ProfileDesk } from './profiles/profile-desk.ts';
import type { StoredElasticProfiles } from './profiles/stored-profiles.ts';
import type { ProviderSource } from './provider.ts';
import { statusReport } from './status-reports.ts';

export interface ElasticOptions {
  readonly scheduler: SchedulerContext;
  readonly assigner: Assigner;
  readonly events: EventBus;
  readonly dataDir: string;
  readonly serverUrl: string;
  readonly pluginFolders: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stored: StoredElasticProfiles;
  /** Takes stored profiles into force. */
  reload(): Promise<void>;
  /** The pipeline file that a profile is in. */
  fileOfProfile(kind: 'cluster' | 'profile', id: string): string | undefined;
  /** Instead of those of the plugin folders. */
  readonly providers?: (broker: () => Broker) => ProviderSource;
}

export interface Elastic {
  readonly broker: Broker;
  readonly desk: ElasticDesk;
  readonly services: readonly Service[];
  configChanged(): void;
}

export async function openElastic(options: ElasticOptions): Promise<Elastic> {
  const { scheduler, assigner, events, dataDir, serverUrl, environment } = options;
  const { clock, logger, health, store } = scheduler;
  const serverId = await store.write(({ settings }) => settings.getOrSet('server-id', randomUUID()));
  const keeping = {
    scheduler,
    stored: options.stored,
    fileOf: (kind: 'cluster' | 'profile', id: string) => options.fileOfProfile(kind, id),
    reload: () => options.reload(),
  };
  const host = new PluginHost({
    folders: options.pluginFolders,
    dataDir,
    serverId,
    serverUrl,
    environment,
    clock,
    logger,
    health,
    migrated: (provider, migration) => keepMigrated(keeping, provider, migration),
  });
  const waitOf = (jobId: number) => {
    const job = scheduler.board.byId(jobId);
    return job === undefined ? undefined : waitView(broker.context, job);
  };
  const broker: Broker = new Broker({
    scheduler,
    assigner,
    providers: options.providers?.(() => broker) ?? host,
    serverUrl,
    waiting: (jobId) => {
      const job = scheduler.board.byId(jobId);
      const wait = waitOf(jobId);
      if (job !== undefined && wait !== undefined)
        events.publish({ type: 'job-waiting', job: job.view, wait });
    },
    agentChanged: (agent) => events.publish({ type: 'elastic-agent-changed', agent }),
  });
  const agents = await store.read.elasticAgents.all();
  broker.restore(agents, await store.read.jobs.lastOn(agents.flatMap(({ uuid }) => uuid ?? [])));
  await host.open(broker);
  const profiles = new ProfileDesk({
    scheduler,
    stored: options.stored,
    host,
    reload: () => options.reload(),
  });
  let warned: readonly string[] = [];
  const warnOfClaims = () => {
    const { conflicts } = scheduler.config().claims;
    for (const detail of warned) if (!conflicts.includes(detail)) health.clear(claimScope(detail));
    warned = conflicts;
    const message = 'Two elastic agent profiles claim the same resource';
    for (const detail of conflicts)
      health.report({ scope: claimScope(detail), level: 'warning', message, detail });
  };
  events.subscribe((event) => {
    if (event.type === 'agent-changed' && event.agent.elastic !== undefined)
      broker.agentHeard(event.agent.uuid);
  });
  return {
    broker,
    services: [broker.service, host.service],
    desk: {
      waitOf,
      waiting: () =>
        scheduler.board.waiting().flatMap(({ view }) => {
          const wait = waitOf(view.jobId);
          return wait === undefined ? [] : [{ job: view, wait }];
        }),
      plugins: () => host.providers().map((provider) => pluginView(provider, host.isUsed(provider.pluginId))),
      plugin: async (id) => {
        const provider = await host.readyProvider(id);
        return provider === undefined ? undefined : pluginView(provider, true);
      },
      clusters: () => profiles.clusters(),
      profiles: () => profiles.profiles(),
      saveCluster: (draft, change) => profiles.saveCluster(draft, change),
      saveProfile: (draft, change) => profiles.saveProfile(draft, change),
      removeCluster: (id) => profiles.removeCluster(id),
      removeProfile: (id) => profiles.removeProfile(id),
      usages: (id) => profiles.usages(id),
      statusReport: (wish) => statusReport(broker.context, host, wish),
    },
    configChanged() {
      warnOfClaims();
      host.configChanged();
      broker.configChanged();
    },
  };
}

function claimScope(conflict: string): string {
  return `elastic-claim/${conflict}`;
}

function pluginView(provider: ConfiguredProvider, isUsed: boolean): ElasticPluginView {
  const { pluginId, unavailable, clusterFields, profileFields, statusReports } = provider;
  return {
    id: pluginId,
    isUsed,
    ...(unavailable === undefined || !isUsed ? {} : { unavailable }),
    clusterFields,
    profileFields,
    statusReports,
  };
}
