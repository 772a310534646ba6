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
import { AppError } from '@go-agent/runtime/core';
import type { Broker } from '../broker/broker.ts';
import type { ElasticProvider, ProviderEvent, ProviderSource } from '../provider.ts';

export interface Machine {
  readonly agentId: string;
  readonly clusterId: string;
  readonly key: string;
  /** The property `host` of the cluster in which it was made. Absent: it is seen in all. */
  readonly host?: string;
  /** Its cluster as it was when this was made or, since then, last listed. */
  cluster?: ElasticCluster;
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
  stopsAgents = true;
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
  /** Clusters that cannot be looked at, and where nothing can be stopped. */
  refuses: (cluster: ElasticCluster) => boolean = () => false;
  /** Machines that a list has lied about. */
  readonly denied = new Set<string>();
  /** Hosts of which the last list went wrong. */
  readonly failed = new Set<string>();
  /** What was asked about, in which words. */
  readonly looked: ElasticCluster[] = [];
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
      else decisions.push(await this.#start(params.cluster, job.profile.id, jobId));
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
      this.#add(agentId, cluster, key.key);
      agentIds.push(agentId);
    }
    return { agentIds };
  }

  async stopAgent(params: StopAgentParams): Promise<void> {
    if (this.unavailable !== undefined) throw new Error(this.unavailable);
    this.stopped.push(params);
    const { cluster, agentId } = params;
    if (this.refuses(cluster)) throw new AppError('plugin-error', `${cluster.id} refuses`);
    const machine = this.machines.get(agentId);
    if (machine?.host !== undefined && machine.host !== cluster.properties['host']) return;
    this.ending(agentId);
    this.machines.delete(agentId);
  }

  async listInstances(clusters: readonly ElasticCluster[]): Promise<ListInstancesResult> {
    const mischief = this.mischief();
    for (const { properties } of clusters)
      this.failed[mischief === undefined ? 'delete' : 'add'](properties['host'] ?? '');
    if (mischief === 'throw') throw new Error('The cluster is out of reach');
    if (mischief === 'silence') return { clusterIds: [], instances: [] };
    this.looked.push(...clusters);
    const reached = clusters.filter((cluster) => !this.refuses(cluster));
    const clusterIds = reached.map(({ id }) => id);
    if (mischief === 'lie') {
      for (const agentId of this.machines.keys()) this.denied.add(agentId);
      return { clusterIds, instances: [] };
    }
    const seen = [...this.machines.values()].filter((machine) => {
      const { host, clusterId } = machine;
      const by = reached.find(({ id, properties }) => id === clusterId && properties['host'] === host);
      if (by !== undefined) machine.cluster = by;
      return host === undefined || by !== undefined;
    });
    return {
      clusterIds,
      instances: seen.map(({ agentId, clusterId, dead }) => ({
        agentId,
        clusterId,
        state: dead ? 'ended' : 'running',
      })),
    };
  }

  tell(event: ProviderEvent): void {
    this.events.push(event);
  }

  async #start(cluster: ElasticCluster, profileId: string, jobId: number): Promise<AssignDecision> {
    const agentId = this.#nextId();
    const wish = { clusterId: cluster.id, profileId, agentId, jobId };
    const key = await this.broker.createKey(this.pluginId, wish);
    if (key.type === 'refused')
      return { action: 'wait', jobId, reason: key.reason, askAgainMs: key.askAgainMs };
    this.#add(agentId, cluster, key.key);
    return { action: 'hold', jobId, agentId, reason: `${agentId} is being started`, askAgainMs: 60_000 };
  }

  #add(agentId: string, cluster: ElasticCluster, key: string): void {
    const { host } = cluster.properties;
    this.machines.set(agentId, {
      agentId,
      clusterId: cluster.id,
      key,
      cluster,
      ...(host === undefined ? {} : { host }),
      dead: false,
    });
  }

  #nextId(): string {
    return `m-${++this.#count}`;
  }
}
