// What a plugin says there is, against what the server knows: leftovers are stopped, and what is gone is forgotten.

import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { clusterOf } from './elastic-shapes.ts';
import { stopMessage } from './stop-message.ts';

/** A new instance may not be in a listing that was begun before it. */
const YOUNG_MS = 30_000;

export class Reconciler {
  readonly #context: BrokerContext;
  /** Ids of agents that were not in the last listing. */
  readonly #absent = new Set<number>();

  constructor(context: BrokerContext) {
    this.#context = context;
  }

  /** @throws what the plugin throws: nothing is concluded from no answer */
  async reconcile(provider: ElasticProvider, clusters: readonly ClusterProfile[]): Promise<void> {
    const { scheduler, fleet } = this.#context;
    const { pluginId } = provider;
    const told = clusters.map((cluster) => clusterOf(cluster, scheduler.secrets));
    const begun = scheduler.clock.now();
    const { clusterIds, instances } = await provider.listInstances(told);
    const listed = new Set(instances.map(({ agentId }) => agentId));
    for (const { agentId, clusterId, startedAt } of instances) {
      const cluster = told.find(({ id }) => id === clusterId);
      const isYoung = startedAt !== undefined && begun - startedAt < YOUNG_MS;
      if (cluster === undefined || isYoung || fleet.byAgentId(pluginId, agentId) !== undefined) continue;
      scheduler.logger.warn({ pluginId, agentId }, 'An instance that the server does not know is stopped');
      await provider.stopAgent({ cluster, agentId, reason: 'leftover', message: stopMessage('leftover') });
    }
    for (const agent of fleet.all()) {
      const isThere = agent.agentId === undefined || listed.has(agent.agentId);
      const isOld = begun - agent.createdAt >= YOUNG_MS;
      if (agent.pluginId !== pluginId || !clusterIds.includes(agent.clusterId) || isThere || !isOld) {
        this.#absent.delete(agent.id);
        continue;
      }
      // Once may be a mistake; an agent that speaks to us is there, whatever a listing says.
      if (this.#absent.has(agent.id)) await this.#gone(agent.id);
      else this.#absent.add(agent.id);
    }
  }

  async #gone(id: number): Promise<void> {
    const { fleet, scheduler, rests, wake } = this.#context;
    const agent = fleet.get(id);
    const runtime = agent?.uuid === undefined ? undefined : scheduler.registry.get(agent.uuid)?.runtime;
    if (agent === undefined || runtime === 'idle' || runtime === 'building' || runtime === 'cancelled')
      return;
    this.#absent.delete(id);
    if (agent.phase === 'starting')
      rests.failed(agent.profileId, 'it ended before it registered', scheduler.clock.now());
    if (agent.uuid !== undefined) scheduler.registry.apply(agent.uuid, 'silent');
    else await fleet.remove(id);
    wake(agent.clusterId, 'agents-changed');
  }
}
