import { AppError } from '@go-agent/runtime/core';

interface Waiting {
  readonly start: () => void;
  readonly drop: (error: Error) => void;
}

/** Calls of one kind to one plugin: so many at a time, in order, and no more than so many waiting. */
export class CallLane {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** @throws AppError `plugin-busy` if too many wait already, or all were dropped */
  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#mostWaiting)
        throw new AppError('plugin-busy', `${this.#waiting.length} calls wait for this plugin already`, {
          retryable: true,
        });
      const turn = Promise.withResolvers<void>();
      this.#waiting.push({ start: () => turn.resolve(), drop: (error) => turn.reject(error) });
      await turn.promise;
    } else this.#running++;
    try {
      return await call();
    } finally {
      // The place goes over to the next; it is only given up if nobody waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next.start();
    }
  }

  /** Those that wait fail. */
  dropAll(error: Error): void {
    for (const { drop } of this.#waiting.splice(0)) drop(error);
  }
}
