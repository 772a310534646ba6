import type { BrokerContext } from './broker-context.ts';

/** Longer than the time between two pings of an agent. */
const PROOF_MS = 15_000;

/**
 * Registered agents of which their plugin says that they are gone. A list may be short for a moment: an agent that speaks is there,
 * whatever is said of it, and only one that is silent is lost.
 */
export class Suspects {
  /** Since when, by the monotonic clock, by the number of the agent. */
  readonly #since = new Map<number, number>();

  note(id: number, monotonic: number): void {
    if (!this.#since.has(id)) this.#since.set(id, monotonic);
  }

  /** Those that have been silent for long enough are lost. @returns ms until there may be more of them */
  settle({ fleet, scheduler, wake }: BrokerContext): number {
    const { registry } = scheduler;
    let next = Number.POSITIVE_INFINITY;
    for (const [id, since] of this.#since) {
      const agent = fleet.get(id);
      const live = agent?.uuid === undefined ? undefined : registry.get(agent.uuid);
      const left = live === undefined ? 0 : PROOF_MS - registry.silentMs(live);
      const speaks = live !== undefined && live.heardMonotonic > since;
      if (!speaks && left > 0) {
        next = Math.min(next, left);
        continue;
      }
      this.#since.delete(id);
      if (speaks || live === undefined || agent === undefined) continue;
      registry.apply(live.record.uuid, 'silent');
      wake(agent.clusterId, 'agents-changed');
    }
    return next;
  }
}
