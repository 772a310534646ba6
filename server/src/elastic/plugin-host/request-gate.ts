import type { Clock } from '@go-agent/runtime/core';
import { TokenBucket } from './token-bucket.ts';

const REQUESTS = { burst: 500, perSecond: 200 };
const AT_ONCE = 64;

/** How fast one plugin may ask: a flood of requests is slowed down at its source. */
export class RequestGate {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #requests: TokenBucket;
  #running = 0;
  #free = Promise.withResolvers<void>();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#requests = new TokenBucket(clock, REQUESTS);
  }

  /** Resolves when one more request may be served. */
  async admit(): Promise<void> {
    while (this.#running >= AT_ONCE && !this.#signal.aborted) await this.#free.promise;
    while (!this.#requests.take() && !this.#signal.aborted)
      await this.#clock.sleep(1000 / REQUESTS.perSecond, this.#signal);
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
