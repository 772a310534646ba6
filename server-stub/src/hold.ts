import type { Clock } from '@go-agent/runtime/core';
import { Bulletin } from './bulletin.ts';

/** Requests whose answers are held back for a while (`Prefer: wait`). */
export class Hold {
  readonly #clock: Clock;
  readonly #bulletin = new Bulletin();
  #releases = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something has changed: those who wait look again. */
  changed(): void {
    this.#bulletin.changed();
  }

  /** All who wait now are answered, whatever there is. */
  release(): void {
    this.#releases++;
    this.#bulletin.changed();
  }

  /** Resolves when it is ready, after `ms`, when all are released, or when the client has gone. */
  async until(isReady: () => boolean, ms: number, gone: AbortSignal): Promise<void> {
    const releases = this.#releases;
    const over = new AbortController();
    const done = new AbortController();
    const end = AbortSignal.any([over.signal, gone]);
    const timer = this.#clock.sleep(ms, AbortSignal.any([done.signal, gone])).then(() => over.abort());
    while (!isReady() && !end.aborted && releases === this.#releases) await this.#bulletin.nextChange(end);
    done.abort();
    await timer;
  }
}
