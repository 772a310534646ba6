const FAILURES = 5;
const OPEN_MS = 30_000;

/** A plugin that does not answer is left alone for a while; then one call tries whether it is back. */
export class CircuitBreaker {
  #failures = 0;
  #openUntil = 0;

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

  failed(now: number): void {
    this.#failures++;
    if (this.#failures >= FAILURES) this.#openUntil = now + OPEN_MS;
  }
}
