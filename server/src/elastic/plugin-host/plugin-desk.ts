// The server as one plugin sees it, whatever its dialect.

import type {
  CreateRegistrationKeyResult,
  ElasticAgent,
  ServerInfoResult,
  SetHealthParams,
  V5ConsoleAppend,
} from '@go-agent/protocol/elastic';
import { AppError } from '@go-agent/runtime/core';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import { VERSION } from '../../version.ts';
import type { Broker } from '../broker/broker.ts';
import { agentOf } from '../broker/elastic-shapes.ts';
import type { KeyWish } from '../broker/key-desk.ts';

const MOST_MESSAGES = 20;
const LONGEST_TEXT = 100_000;
const SILENT_MS = 30_000;

export interface PluginDeskOptions {
  readonly pluginId: string;
  readonly broker: Broker;
  readonly serverId: string;
  readonly serverUrl: string;
}

export class PluginDesk {
  readonly #options: PluginDeskOptions;

  constructor(options: PluginDeskOptions) {
    this.#options = options;
  }

  createKey(wish: KeyWish): Promise<CreateRegistrationKeyResult> {
    return this.#options.broker.createKey(this.#options.pluginId, wish);
  }

  instanceFailed(agentId: string, reason: string): Promise<void> {
    return this.#options.broker.instanceFailed(this.#options.pluginId, agentId, reason);
  }

  askAgain(clusterId: string | undefined): void {
    this.#options.broker.pluginChanged(this.#options.pluginId, clusterId);
  }

  listAgents(): ElasticAgent[] {
    const { context, book } = this.#options.broker;
    return context.fleet
      .all()
      .filter(({ pluginId }) => pluginId === this.#options.pluginId)
      .flatMap((agent) => agentOf(context.scheduler, agent, book.idleSince(agent.id)) ?? []);
  }

  /** By id: undefined if it is disabled now, else why not. Unknown ids are left out. */
  async disableAgents(agentIds: readonly string[]): Promise<Map<string, string | undefined>> {
    return this.#forEach(agentIds, async ({ uuid }) => {
      const { registry, writer } = this.#options.broker.context.scheduler;
      const live = uuid === undefined ? undefined : registry.get(uuid);
      if (live === undefined) return 'It is not registered.';
      await writer.run(async ({ agents }, changes) => {
        const record = { ...live.record, disabled: true };
        await agents.save(record);
        changes.afterwards.push(() => registry.put(record, false));
      });
      this.#options.broker.context.assigner.reconsider(live.record.uuid);
      this.#options.broker.agentHeard(live.record.uuid);
      return undefined;
    });
  }

  /** An agent with a job is only deleted by force; its job is scheduled again then. */
  async deleteAgents(agentIds: readonly string[], force: boolean): Promise<Map<string, string | undefined>> {
    const { broker } = this.#options;
    return this.#forEach(agentIds, async ({ id, uuid }) => {
      const isFree = (await broker.context.fleet.retire(id, 'operator')) || this.#isRetiring(id);
      if (!isFree && !force) return 'It has a job; it is deleted when the job is over, or by force.';
      // The watch over jobs finds that the agent of a job is gone, and schedules it again.
      await broker.context.fleet.remove(id);
      if (uuid !== undefined) broker.context.assigner.reconsider(uuid);
      return undefined;
    });
  }

  /** As GoCD's plugins expect it; but one that works and was heard of just now stays until it is done or silent. */
  async deleteSilentAgents(agentIds: readonly string[]): Promise<void> {
    const { registry } = this.#options.broker.context.scheduler;
    for (const agentId of agentIds) {
      const uuid = this.#options.broker.context.fleet.byAgentId(this.#options.pluginId, agentId)?.uuid;
      const live = uuid === undefined ? undefined : registry.get(uuid);
      await this.deleteAgents([agentId], live === undefined || registry.silentMs(live) > SILENT_MS);
    }
  }

  /** @throws AppError `plugin-request` */
  async appendConsoleAt(line: V5ConsoleAppend): Promise<void> {
    const { board } = this.#options.broker.context.scheduler;
    const { pipelineName, pipelineCounter, stageName, stageCounter, jobName, text } = line;
    const locator = [pipelineName, pipelineCounter, stageName, stageCounter, jobName].join('/');
    await this.appendConsole(board.byLocator(locator)?.view.jobId ?? 0, text);
  }

  /** The plugin makes no agent with this key. True: no other key for the same agent is out. */
  revoke(key: string, why: string): Promise<boolean> {
    return this.#options.broker.revokeKey(this.#options.pluginId, key, why);
  }

  /** @throws AppError `plugin-request` */
  async appendConsole(jobId: number, text: string): Promise<void> {
    const { scheduler } = this.#options.broker.context;
    const job = scheduler.board.byId(jobId);
    const model = scheduler.config();
    const profile = model.elasticProfiles.find(({ id }) => id === job?.requirement.elasticProfileId);
    const cluster = model.clusterProfiles.find(({ id }) => id === profile?.clusterProfileId);
    if (job === undefined || cluster?.pluginId !== this.#options.pluginId)
      throw new AppError('plugin-request', `No job ${jobId} waits or runs for this plugin`);
    await scheduler.files.note?.(job.view, text.slice(0, LONGEST_TEXT).replace(/\n$/, ''));
  }

  serverInfo(): ServerInfoResult {
    const { serverId, serverUrl } = this.#options;
    return { serverId, serverVersion: VERSION, serverUrl };
  }

  setHealth(messages: SetHealthParams['messages']): void {
    const { health } = this.#options.broker.context.scheduler;
    const scope = `plugin/${this.#options.pluginId}/messages`;
    const shown = messages.slice(0, MOST_MESSAGES);
    if (shown.length === 0) return health.clear(scope);
    health.report({
      scope,
      level: shown.some(({ type }) => type === 'error') ? 'error' : 'warning',
      message: `Message from plugin: ${this.#options.pluginId}`,
      detail: shown.map(({ message }) => message.slice(0, 2000)).join('\n'),
    });
  }

  #isRetiring(id: number): boolean {
    return this.#options.broker.context.fleet.get(id)?.phase === 'retiring';
  }

  async #forEach(
    agentIds: readonly string[],
    act: (agent: ElasticAgentRecord) => Promise<string | undefined>,
  ): Promise<Map<string, string | undefined>> {
    const outcomes = new Map<string, string | undefined>();
    for (const agentId of new Set(agentIds)) {
      const agent = this.#options.broker.context.fleet.byAgentId(this.#options.pluginId, agentId);
      if (agent !== undefined) outcomes.set(agentId, await act(agent));
    }
    return outcomes;
  }
}
