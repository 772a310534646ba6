import type { Clock } from '@go-agent/runtime/core';

const BURST = 500;
const PER_SECOND = 200;
const AT_ONCE = 64;

/** How fast one plugin may ask: a flood of requests is slowed down at its source. */
export class RequestGate {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #tokens = BURST;
  #filledAt: number;
  #running = 0;
  #free = Promise.withResolvers<void>();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#filledAt = clock.monotonic();
  }

  /** Resolves when one more request may be served. */
  async admit(): Promise<void> {
    while (this.#running >= AT_ONCE && !this.#signal.aborted) await this.#free.promise;
    for (;;) {
      const now = this.#clock.monotonic();
      this.#tokens = Math.min(BURST, this.#tokens + ((now - this.#filledAt) / 1000) * PER_SECOND);
      this.#filledAt = now;
      if (this.#tokens >= 1 || this.#signal.aborted) break;
      await this.#clock.sleep(1000 / PER_SECOND, this.#signal);
    }
    this.#tokens--;
  }

  /** Counts a request while it is served. */
  async serve<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    try {
      return await work();
    } finally {
      this.#running--;
      this.#free.resolve();
      this.#free = Promise.withResolvers();
    }
  }
}
