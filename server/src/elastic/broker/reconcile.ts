// What a plugin says there is, against what the server knows: leftovers are stopped, and what is gone is forgotten.

import type { ElasticCluster } from '@go-agent/protocol/elastic';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { givenUpScope } from './given-up.ts';
import { type Listing, Look } from './look.ts';
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
  readonly #look: Look;

  constructor(context: BrokerContext, failed: InstanceFailed) {
    this.#context = context;
    this.#look = new Look(context);
    this.#failed = failed;
  }

  /** @throws what the plugin throws: nothing is concluded from no answer */
  async reconcile(provider: ElasticProvider): Promise<void> {
    const { scheduler, fleet, places } = this.#context;
    const { pluginId } = provider;
    const begun = scheduler.clock.now();
    const configured = await this.#look.configured(provider);
    const listed = new Set<number>();
    await this.#compare(provider, configured, begun, listed);
    // Only now is known which agents are not where their clusters are.
    const former = await this.#look.former(provider);
    await this.#compare(provider, former, begun, listed);
    const whole = [...configured, ...former].filter(({ isWhole }) => isWhole);
    const looked = new Set(whole.map(({ profile }) => places.keyOf(profile)));
    for (const agent of fleet.all()) {
      const place = places.of(agent)?.cluster;
      const isThere = agent.agentId === undefined || listed.has(agent.id);
      const isOld = begun - agent.createdAt >= YOUNG_MS;
      const isKnown = place !== undefined && looked.has(places.keyOf(place));
      if (agent.pluginId !== pluginId || !isKnown || isThere || !isOld) {
        this.#absent.delete(agent.id);
        continue;
      }
      // Once may be a mistake; an agent that speaks to us is there, whatever a listing says.
      if (this.#absent.has(agent.id)) await this.#gone(agent.id);
      else this.#absent.add(agent.id);
    }
    places.keepOnly((id) => fleet.get(id) !== undefined);
  }

  /** What is known is noted in `listed`, and the first place that has it in its record; what is not is stopped where it was found. */
  async #compare(
    provider: ElasticProvider,
    listings: readonly Listing[],
    begun: number,
    listed: Set<number>,
  ): Promise<void> {
    const { fleet, places } = this.#context;
    const { pluginId } = provider;
    for (const { profile, cluster, instances } of listings) {
      for (const { agentId, startedAt, state } of instances) {
        const isYoung = startedAt !== undefined && begun - startedAt < YOUNG_MS;
        const agent = fleet.byAgentId(pluginId, agentId);
        if (agent === undefined) {
          if (!isYoung) this.#stopLeftover(provider, cluster, agentId);
          continue;
        }
        if (listed.has(agent.id)) continue;
        listed.add(agent.id);
        places.noteSeen(agent.id);
        if (agent.cluster === undefined || !places.isSame(agent.cluster, profile))
          await fleet.found(agent.id, profile);
        if (state === 'ended' && agent.phase !== 'retiring')
          await this.#failed(pluginId, agentId, 'its instance has ended');
      }
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
        .then(() => scheduler.health.clear(givenUpScope(pluginId, agentId)))
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
