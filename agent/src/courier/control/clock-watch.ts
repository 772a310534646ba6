import type { Clock } from '@go-agent/runtime/core';

const JUMP_MS = 60_000;
const SKEW_MS = 300_000;
/** A server that does not tell the time is not waited for any longer. */
const TRUST_AFTER_MS = 600_000;

/**
 * Notices a clock that was set back. Such a clock is right or wrong: right if it was ahead before. What decides is the server's
 * clock, told after the jump, or the former time coming back. Jumps forward, as after a sleep of the machine, are none of its business.
 */
export class ClockWatch {
  readonly #clock: Clock;
  /** Wall clock minus monotonic clock, as it was when all was well. */
  #offset: number;
  #jump: { readonly atMonotonic: number; readonly byMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = this.#offsetNow();
  }

  /** Why the clock cannot be relied upon: a sentence, or undefined. */
  look(): string | undefined {
    const now = this.#offsetNow();
    const byMs = this.#offset - now;
    if (byMs < JUMP_MS) return this.#accept(now);
    const atMonotonic = this.#jump?.atMonotonic ?? this.#clock.monotonic();
    this.#jump = { atMonotonic, byMs };
    if (this.#clock.monotonic() - atMonotonic >= TRUST_AFTER_MS) return this.#accept(now);
    return `The clock of this machine was set back by ${Math.round(byMs / 1000)} s`;
  }

  /** The server's clock, in ms since the epoch, as it was a moment ago. */
  noteServerTime(serverNow: number): void {
    if (Math.abs(serverNow - this.#clock.now()) <= SKEW_MS) this.#accept(this.#offsetNow());
  }

  #accept(offset: number): undefined {
    this.#offset = offset;
    this.#jump = undefined;
  }

  #offsetNow(): number {
    return this.#clock.now() - this.#clock.monotonic();
  }
}
