import type { PluginContext } from './plugin-context.ts';
import type { FoundAgent } from './provider.ts';

/** Events come in bunches; one look is enough for all of them. */
const GATHER_MS = 100;

/** Remembers which agents were there, to tell at once when one is not any more. */
export class InstanceWatch {
  readonly #ended: (agentId: string, reason: string) => void;
  /** Since when each is known to be there, on the clock that never jumps. */
  readonly #alive = new Map<string, number>();
  /** Their end is no news. */
  readonly #leaving = new Set<string>();

  constructor(ended: (agentId: string, reason: string) => void) {
    this.#ended = ended;
  }

  made(agentId: string, at: number): void {
    this.#alive.set(agentId, at);
  }

  /** All that there was at that time, or a little later. */
  seen(found: readonly FoundAgent[], at: number): void {
    const now = new Map(found.map((agent) => [agent.agentId, agent]));
    for (const [agentId, since] of this.#alive) {
      const agent = now.get(agentId);
      // A list that began before the agent was made says nothing of it.
      if (agent === undefined ? since >= at : agent.state !== 'ended') continue;
      this.#alive.delete(agentId);
      this.#ended(agentId, agent?.detail ?? 'It is not there any more');
    }
    for (const agentId of this.#leaving) if (!now.has(agentId)) this.#leaving.delete(agentId);
    for (const { agentId, state } of found) {
      if (state !== 'ended' && !this.#leaving.has(agentId) && !this.#alive.has(agentId))
        this.#alive.set(agentId, at);
    }
  }

  /** It is about to be removed, or known to be gone. */
  forget(agentId: string): void {
    this.#alive.delete(agentId);
    this.#leaving.add(agentId);
  }

  /** A function that may be called as often as one likes, and has `look` called soon afterwards. */
  looks(look: () => Promise<void>, { clock, log }: PluginContext, signal: AbortSignal): () => void {
    let due = false;
    let looking = false;
    const go = async () => {
      looking = true;
      while (due && (await clock.sleep(GATHER_MS, signal))) {
        due = false;
        await look().catch((error: unknown) => log('warn', 'cannot look at the agents', error));
      }
      looking = false;
    };
    return () => {
      due = true;
      if (!looking) void go();
    };
  }
}
