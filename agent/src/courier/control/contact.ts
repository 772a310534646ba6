import type { Clock } from '@go-agent/runtime/core';

/** When the server last answered a ping, and by how much its clock differs from this machine's. */
export class Contact {
  readonly #clock: Clock;
  readonly #lostAfterMs: () => number;
  #lastAt: number | undefined;
  #last: number | undefined;

  /** @param lostAfterMs after so long without an answer the contact is lost; may change */
  constructor(clock: Clock, lostAfterMs: () => number) {
    this.#clock = clock;
    this.#lostAfterMs = lostAfterMs;
  }

  note(): void {
    this.#lastAt = this.#clock.now();
    this.#last = this.#clock.monotonic();
  }

  /** Milliseconds since the epoch. */
  get lastAt(): number | undefined {
    return this.#lastAt;
  }

  /** As the stock agent's health check has it: never before the first ping (reference: agent-behaviour 5.5). */
  get isThere(): boolean {
    return this.#last !== undefined && this.#clock.monotonic() - this.#last < this.#lostAfterMs();
  }
}
