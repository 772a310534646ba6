import type { Clock } from '@go-agent/runtime/core';

/** The lock of an owner that cannot be looked at from here. What it does to its lock tells whether it lives. */
export class ForeignLock {
  readonly #clock: Clock;
  readonly #silentMs: number;
  #seen: { readonly mtimeMs: number; readonly at: number } | undefined;

  /** @param silentMs a lock that is not renewed for so long has no owner any more */
  constructor(clock: Clock, silentMs: number) {
    this.#clock = clock;
    this.#silentMs = silentMs;
  }

  /** `unknown`: look again. The clocks of two machines may differ, so what counts beyond a first look is seen here. */
  look(mtimeMs: number): 'renewed' | 'silent' | 'unknown' {
    const at = this.#clock.monotonic();
    this.#seen ??= { mtimeMs, at };
    if (mtimeMs !== this.#seen.mtimeMs) return 'renewed';
    const silentMs = Math.max(this.#clock.now() - mtimeMs, at - this.#seen.at);
    return silentMs >= this.#silentMs ? 'silent' : 'unknown';
  }
}
