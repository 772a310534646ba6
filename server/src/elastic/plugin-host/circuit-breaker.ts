const FAILURES = 5;
const OPEN_MS = 30_000;

/** A plugin that does not answer is left alone for a while; then one call tries whether it is back. */
export class CircuitBreaker {
  #failures = 0;
  #failedAt = Number.NEGATIVE_INFINITY;
  #openUntil = 0;

  /** In a row. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds for which nothing is to be asked; 0: ask. */
  restMs(now: number): number {
    return Math.max(0, this.#openUntil - now);
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = 0;
  }

  /** Calls that were made at the same time fail at the same time: they are one failure. */
  failed(begunAt: number, now: number): void {
    if (begunAt < this.#failedAt) return;
    this.#failedAt = now;
    this.#failures++;
    if (this.#failures >= FAILURES) this.#openUntil = now + OPEN_MS;
  }
}
