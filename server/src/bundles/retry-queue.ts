/** A client that is told to come back is not expected sooner than this. */
const MIN_WAIT_MS = 1000;
const MAX_WAIT_MS = 3_600_000;
/** Between two that come back; less would be a burst, for `Retry-After` counts in seconds. */
const MIN_INTERVAL_MS = 10;
/** Some are slower than the average. */
const SLACK = 1.5;
const MAX_WAITING = 50_000;

export interface RetryQueueOptions {
  /** How many are served at a time. */
  readonly atOnce: number;
  /** How long one is expected to take, in ms, until it is known. */
  readonly expectedMs: number;
}

/**
 * When those who find the server busy are to come back: one after the other, as fast as the server serves. Who asks again
 * before its time hears the same time.
 */
export class RetryQueue {
  readonly #atOnce: number;
  readonly #due = new Map<string, number>();
  #averageMs: number;
  #last = 0;

  constructor({ atOnce, expectedMs }: RetryQueueOptions) {
    this.#atOnce = atOnce;
    this.#averageMs = expectedMs;
  }

  /** Ms from `now` (any monotonic clock). */
  waitMs(who: string, now: number): number {
    const known = this.#due.get(who);
    if (known !== undefined && known > now) return known - now;
    const interval = Math.max(MIN_INTERVAL_MS, (this.#averageMs / this.#atOnce) * SLACK);
    const due = Math.min(Math.max(this.#last + interval, now + MIN_WAIT_MS), now + MAX_WAIT_MS);
    this.#last = due;
    this.#forgetPast(now);
    if (this.#due.size < MAX_WAITING) this.#due.set(who, due);
    return due - now;
  }

  /** This one has been served, in so many ms. */
  served(who: string, ms: number): void {
    this.#due.delete(who);
    this.#averageMs = this.#averageMs * 0.8 + ms * 0.2;
  }

  /** Entries are in the order of their times, since each time is after the last one. */
  #forgetPast(now: number): void {
    for (const [who, due] of this.#due) {
      if (due > now) return;
      this.#due.delete(who);
    }
  }
}
