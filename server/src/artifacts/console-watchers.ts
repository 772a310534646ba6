import type { Clock } from '@go-agent/runtime';
import type { Hold } from '../core.ts';

/** Wakes those who follow a console. */
export class ConsoleWatchers {
  readonly #waiting = new Map<number, Set<() => void>>();

  /** A job's log has new bytes, or the job is over. */
  grown(jobId: number): void {
    const waiting = this.#waiting.get(jobId);
    if (waiting === undefined) return;
    this.#waiting.delete(jobId);
    for (const wake of waiting) wake();
  }

  /** Resolves at the next {@link grown} of this job or when the hold is over. Subscribes before it returns. */
  async next(jobId: number, hold: Hold, clock: Clock): Promise<void> {
    const own = new AbortController();
    const waiting = this.#waiting.get(jobId) ?? new Set();
    this.#waiting.set(jobId, waiting);
    const wake = () => own.abort();
    waiting.add(wake);
    await clock.sleep(hold.waitMs, AbortSignal.any([own.signal, hold.signal]));
    waiting.delete(wake);
    if (waiting.size === 0 && this.#waiting.get(jobId) === waiting) this.#waiting.delete(jobId);
  }
}
