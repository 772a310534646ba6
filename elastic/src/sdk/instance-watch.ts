import type { PluginContext } from './plugin-context.ts';
import type { FoundAgent } from './provider.ts';

/** Events come in bunches; one look is enough for all of them. */
const GATHER_MS = 100;
/** A list that is short by mistake is not repeated so late. */
const SECOND_LOOK_MS = 5000;

interface Alive {
  /** Since when it is known to be there, on the clock that never jumps. */
  readonly since: number;
  /** When the first list began that did not have it, if the latest had it neither. */
  readonly missedAt?: number;
}

/** Remembers which agents were there, to tell at once when one is not any more. */
export class InstanceWatch {
  readonly #ended: (agentId: string, reason: string) => void;
  readonly #alive = new Map<string, Alive>();
  /** Their end is no news. */
  readonly #leaving = new Set<string>();

  constructor(ended: (agentId: string, reason: string) => void) {
    this.#ended = ended;
  }

  made(agentId: string, at: number): void {
    this.#alive.set(agentId, { since: at });
  }

  /**
   * All that there was at that time, or a little later. What has ended is news at once; one that is missing may be a
   * mistake, so that only a second list, begun later, counts.
   */
  seen(found: readonly FoundAgent[], at: number): void {
    const now = new Map(found.map((agent) => [agent.agentId, agent]));
    for (const [agentId, alive] of this.#alive) if (!now.has(agentId)) this.#missed(agentId, alive, at);
    for (const agentId of this.#leaving) if (!now.has(agentId)) this.#leaving.delete(agentId);
    for (const { agentId, state, detail } of found) {
      const known = this.#alive.has(agentId);
      if (state !== 'ended') {
        if (known || !this.#leaving.has(agentId)) this.#alive.set(agentId, { since: at });
      } else if (known || !this.#leaving.has(agentId)) {
        this.forget(agentId);
        this.#ended(agentId, detail ?? 'It has ended');
      }
    }
  }

  /** It is about to be removed, or known to be gone. */
  forget(agentId: string): void {
    this.#alive.delete(agentId);
    this.#leaving.add(agentId);
  }

  /**
   * A function that may be called as often as one likes, and has `look` called soon afterwards; once more, later, if
   * that leaves a doubt.
   */
  looks(look: () => Promise<void>, { clock, log }: PluginContext, signal: AbortSignal): () => void {
    let due = false;
    let looking = false;
    let doubting = false;
    const changed = () => {
      due = true;
      if (!looking) void go();
    };
    const go = async () => {
      looking = true;
      while (due && (await clock.sleep(GATHER_MS, signal))) {
        due = false;
        await look().then(doubt, (error: unknown) => log('warn', 'cannot look at the agents', error));
      }
      looking = false;
    };
    const doubt = () => {
      if (doubting || [...this.#alive.values()].every(({ missedAt }) => missedAt === undefined)) return;
      doubting = true;
      void clock.sleep(SECOND_LOOK_MS, signal).then((slept) => {
        doubting = false;
        if (slept) changed();
      });
    };
    return changed;
  }

  #missed(agentId: string, { since, missedAt }: Alive, at: number): void {
    // A list that began before the agent was made says nothing of it.
    if (since >= at) return;
    if (missedAt === undefined) this.#alive.set(agentId, { since, missedAt: at });
    else if (at - missedAt >= SECOND_LOOK_MS) {
      this.#alive.delete(agentId);
      this.#ended(agentId, 'It is not there any more');
    }
  }
}
