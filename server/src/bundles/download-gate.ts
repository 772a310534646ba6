import type { ServerResponse } from 'node:http';
import type { Clock } from '@go-agent/runtime';
import { onceClosed } from '../http/client-gone.ts';
import { RetryQueue } from './retry-queue.ts';

/** A bundle is about a megabyte; what it really takes is learnt. */
const EXPECTED_MS = 250;

export interface DownloadLimits {
  /** Downloads of bundles at a time; the others are told when to come back. */
  readonly atOnce: number;
  /** A download that takes longer is cut; the agent goes on with it by a range, when it is its turn again. */
  readonly holdMs: number;
}

export const DEFAULT_DOWNLOADS: DownloadLimits = { atOnce: 10, holdMs: 120_000 };

export type Entry =
  | { readonly type: 'entered' }
  | { readonly type: 'busy'; readonly retryAfterSeconds: number };

/** Keeps downloads from crowding out everything else: agents at work come before agents that upgrade. */
export class DownloadGate {
  readonly #limits: DownloadLimits;
  readonly #clock: Clock;
  readonly #queue: RetryQueue;
  #running = 0;

  constructor(limits: DownloadLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#queue = new RetryQueue({ atOnce: limits.atOnce, expectedMs: EXPECTED_MS });
  }

  /** Takes a place until the response is closed, for whatever reason. @param who as stable as can be, such as an agent's guid */
  enter(who: string, response: ServerResponse): Entry {
    const startedAt = this.#clock.monotonic();
    if (this.#running >= this.#limits.atOnce) {
      const waitMs = this.#queue.waitMs(who, startedAt);
      return { type: 'busy', retryAfterSeconds: Math.ceil(waitMs / 1000) };
    }
    this.#running += 1;
    const closed = new AbortController();
    onceClosed(response, () => {
      this.#running -= 1;
      closed.abort();
      this.#queue.served(who, this.#clock.monotonic() - startedAt);
    });
    void this.#clock.sleep(this.#limits.holdMs, closed.signal).then((isOver) => {
      if (isOver) response.destroy();
    });
    return { type: 'entered' };
  }
}
