// An elastic plugin in memory, with the machines that it makes: what the broker is tested with.

import type {
  AssignDecision,
  AssignWorkParams,
  AssignWorkResult,
  ElasticCluster,
  ListInstancesResult,
  StartAgentsParams,
  StartAgentsResult,
  StopAgentParams,
} from '@go-agent/protocol/elastic';
import type { Broker } from '../broker/broker.ts';
import type { ElasticProvider, ProviderEvent, ProviderSource } from '../provider.ts';

export interface Machine {
  readonly agentId: string;
  readonly clusterId: string;
  readonly key: string;
  /** A dead one says nothing any more, and still takes room. */
  dead: boolean;
}

/**
 * What it does instead of what is asked of it. `lie`: all jobs to the last machine, whatever that does. `greed`: all to one agent.
 * `late`: what is asked, but its answer comes when it is too late.
 */
export type Mischief = 'throw' | 'silence' | 'lie' | 'greed' | 'decline' | 'late';

export class ScriptedCloud implements ElasticProvider, ProviderSource {
  readonly pluginId = 'scripted';
  readonly stopsAgents = true;
  readonly machines = new Map<string, Machine>();
  readonly events: ProviderEvent[] = [];
  readonly asked: AssignWorkParams[] = [];
  readonly stopped: StopAgentParams[] = [];
  /** More plugins, by id. */
  readonly others = new Map<string, ElasticProvider>();
  unavailable: string | undefined;
  /** Its server is on its way out: no answer is late. */
  isEnding = false;
  mischief: () => Mischief | undefined = () => undefined;
  /** Told of each machine that is about to be ended. */
  ending: (agentId: string) => void = () => undefined;
  #broker: (() => Broker) | undefined;
  #late = Promise.withResolvers<void>();
  #count = 0;

  /** For `createCore`. */
  readonly source = (broker: () => Broker): ProviderSource => {
    this.#broker = broker;
    return this;
  };

  get broker(): Broker {
    if (this.#broker === undefined) throw new Error('The core has not been made');
    return this.#broker();
  }

  provider(pluginId: string): ElasticProvider | undefined {
    return pluginId === this.pluginId ? this : this.others.get(pluginId);
  }

  /** What was late comes now. */
  answerNow(): void {
    this.#late.resolve();
    this.#late = Promise.withResolvers<void>();
  }

  /** From now on all is well. */
  recover(): void {
    this.unavailable = undefined;
    this.mischief = () => undefined;
    this.answerNow();
  }

  async assignWork(params: AssignWorkParams): Promise<AssignWorkResult> {
    this.asked.push(params);
    const mischief = this.mischief();
    if (mischief === 'throw') throw new Error('The plugin has crashed');
    if (mischief === 'silence') return { decisions: [] };
    const free = [...params.agents];
    const decisions: AssignDecision[] = [];
    for (const job of params.jobs) {
      const { jobId } = job;
      const chosen = mischief === 'lie' ? [...this.machines.keys()].at(-1) : params.agents[0]?.agentId;
      if (mischief === 'lie' || (mischief === 'greed' && chosen !== undefined)) {
        decisions.push({ action: 'assign', jobId, agentId: chosen ?? 'nobody' });
        continue;
      }
      if (mischief === 'decline') {
        decisions.push({ action: 'decline', jobId, reason: 'Not now.' });
        continue;
      }
      const at = free.findIndex(({ profileId }) => profileId === job.profile.id);
      const [agent] = at < 0 ? [] : free.splice(at, 1);
      if (agent !== undefined) decisions.push({ action: 'assign', jobId, agentId: agent.agentId });
      else decisions.push(await this.#start(params.cluster.id, job.profile.id, jobId));
    }
    if (mischief === 'late' && !this.isEnding) await this.#late.promise;
    return { decisions };
  }

  async startAgents({ cluster, profile, count }: StartAgentsParams): Promise<StartAgentsResult> {
    const agentIds: string[] = [];
    for (let i = 0; i < count; i++) {
      const agentId = this.#nextId();
      const key = await this.broker.createKey(this.pluginId, {
        clusterId: cluster.id,
        profileId: profile.id,
        agentId,
      });
      if (key.type === 'refused') return { agentIds, reason: key.reason, askAgainMs: key.askAgainMs };
      this.machines.set(agentId, { agentId, clusterId: cluster.id, key: key.key, dead: false });
      agentIds.push(agentId);
    }
    return { agentIds };
  }

  async stopAgent(params: StopAgentParams): Promise<void> {
    if (this.unavailable !== undefined) throw new Error(this.unavailable);
    this.stopped.push(params);
    this.ending(params.agentId);
    this.machines.delete(params.agentId);
  }

  async listInstances(clusters: readonly ElasticCluster[]): Promise<ListInstancesResult> {
    const mischief = this.mischief();
    if (mischief === 'throw') throw new Error('The cluster is out of reach');
    if (mischief === 'silence') return { clusterIds: [], instances: [] };
    const clusterIds = clusters.map(({ id }) => id);
    if (mischief === 'lie') return { clusterIds, instances: [] };
    return {
      clusterIds,
      instances: [...this.machines.values()].map(({ agentId, clusterId, dead }) => ({
        agentId,
        clusterId,
        state: dead ? 'ended' : 'running',
      })),
    };
  }

  tell(event: ProviderEvent): void {
    this.events.push(event);
  }

  async #start(clusterId: string, profileId: string, jobId: number): Promise<AssignDecision> {
    const agentId = this.#nextId();
    const key = await this.broker.createKey(this.pluginId, { clusterId, profileId, agentId, jobId });
    if (key.type === 'refused')
      return { action: 'wait', jobId, reason: key.reason, askAgainMs: key.askAgainMs };
    this.machines.set(agentId, { agentId, clusterId, key: key.key, dead: false });
    return { action: 'hold', jobId, agentId, reason: `${agentId} is being started`, askAgainMs: 60_000 };
  }

  #nextId(): string {
    return `m-${++this.#count}`;
  }
}
