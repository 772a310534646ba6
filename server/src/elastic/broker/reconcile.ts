// What a plugin says there is, against what the server knows: leftovers are stopped, and what is gone is forgotten.

import type { ElasticCluster } from '@go-agent/protocol/elastic';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { clusterOf } from './elastic-shapes.ts';
import { stopMessage } from './stop-message.ts';

/** A new instance may not be in a listing that was begun before it. */
const YOUNG_MS = 30_000;

type InstanceFailed = (pluginId: string, agentId: string, reason: string) => Promise<void>;

export class Reconciler {
  readonly #context: BrokerContext;
  /** Ids of agents that were not in the last listing. */
  readonly #absent = new Set<number>();

  /** Leftovers that are being stopped. */
  readonly #stopping = new Set<string>();
  readonly #failed: InstanceFailed;

  constructor(context: BrokerContext, failed: InstanceFailed) {
    this.#context = context;
    this.#failed = failed;
  }

  /** @throws what the plugin throws: nothing is concluded from no answer */
  async reconcile(provider: ElasticProvider, clusters: readonly ClusterProfile[]): Promise<void> {
    const { scheduler, fleet } = this.#context;
    const { pluginId } = provider;
    const told = clusters.flatMap((cluster) => readable(cluster, scheduler));
    const begun = scheduler.clock.now();
    const { clusterIds, instances } = await provider.listInstances(told);
    const listed = new Set(instances.map(({ agentId }) => agentId));
    for (const { agentId, clusterId, startedAt, state } of instances) {
      const cluster = told.find(({ id }) => id === clusterId);
      const isYoung = startedAt !== undefined && begun - startedAt < YOUNG_MS;
      const agent = fleet.byAgentId(pluginId, agentId);
      if (agent !== undefined) {
        if (state === 'ended' && agent.phase !== 'retiring')
          await this.#failed(pluginId, agentId, 'its instance has ended');
      } else if (cluster !== undefined && !isYoung) this.#stopLeftover(provider, cluster, agentId);
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

  /** In the background, so that one that cannot be stopped is no hindrance to the others; tried again at the next look. */
  #stopLeftover(provider: ElasticProvider, cluster: ElasticCluster, agentId: string): void {
    const { scheduler } = this.#context;
    const { pluginId } = provider;
    const name = `${pluginId} ${agentId}`;
    if (this.#stopping.has(name)) return;
    this.#stopping.add(name);
    scheduler.logger.warn({ pluginId, agentId }, 'An instance that the server does not know is stopped');
    const message = stopMessage('leftover');
    scheduler.background.run(`Stopping leftover ${agentId}`, () =>
      provider
        .stopAgent({ cluster, agentId, reason: 'leftover', message })
        .finally(() => this.#stopping.delete(name)),
    );
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

/** None, with a word in the log, if its secrets cannot be opened: the others are looked after all the same. */
function readable(cluster: ClusterProfile, { secrets, logger }: SchedulerContext): ElasticCluster[] {
  try {
    return [clusterOf(cluster, secrets)];
  } catch (error) {
    logger.error({ err: error, cluster: cluster.id }, 'The secrets of a cluster profile cannot be opened');
    return [];
  }
}
