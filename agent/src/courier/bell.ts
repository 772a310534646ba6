import type { Clock } from '@go-agent/runtime/core';

/** Wakes one waiter before its time. A ring that nobody waits for ends the next wait at once. */
export class Bell {
  #rung = false;
  #waiter: AbortController | undefined;

  ring(): void {
    this.#rung = true;
    this.#waiter?.abort();
  }

  /** Resolves after `ms` or at the next ring; false if `signal` was aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung) {
      this.#waiter = new AbortController();
      await clock.sleep(ms, AbortSignal.any([signal, this.#waiter.signal]));
      this.#waiter = undefined;
    }
    this.#rung = false;
    return !signal.aborted;
  }
}
