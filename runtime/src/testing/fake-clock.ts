import type { Clock } from '../clock.ts';

interface Sleeper {
  readonly dueAt: number;
  readonly ms: number;
  readonly wake: (slept: boolean) => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 0;
  readonly #sleepers = new Set<Sleeper>();
  readonly #watchers = new Set<() => void>();

  /** @param now milliseconds since the epoch */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(false);
        return;
      }
      const onAbort = () => sleeper.wake(false);
      const sleeper: Sleeper = {
        dueAt: this.#monotonic + ms,
        ms,
        wake: (slept) => {
          this.#sleepers.delete(sleeper);
          signal.removeEventListener('abort', onAbort);
          resolve(slept);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#sleepers.add(sleeper);
      for (const watcher of this.#watchers) watcher();
    });
  }

  /**
   * Moves time on, waking each sleeper at its own moment and in order, and lets what it woke run before going on.
   * Work that waits for real I/O is not waited for: await its effect, or {@link untilSleeping}, first.
   */
  async advance(ms: number): Promise<void> {
    await settle();
    const end = this.#monotonic + ms;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#move(next.dueAt - this.#monotonic);
      next.wake(true);
      await settle();
    }
    this.#move(end - this.#monotonic);
    await settle();
  }

  /** The pending sleeps' full lengths in milliseconds, the first due first. */
  sleeping(): number[] {
    return [...this.#sleepers].sort((a, b) => a.dueAt - b.dueAt).map(({ ms }) => ms);
  }

  /** Resolves as soon as at least `count` sleeps are pending: the code under test has reached its wait. */
  async untilSleeping(count = 1): Promise<void> {
    while (this.#sleepers.size < count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  /** A jump of the wall clock, as from an operator or NTP. Durations do not notice. */
  setNow(now: number): void {
    this.#now = now;
  }

  #next(until: number): Sleeper | undefined {
    return [...this.#sleepers].filter(({ dueAt }) => dueAt <= until).sort((a, b) => a.dueAt - b.dueAt)[0];
  }

  #move(ms: number): void {
    this.#monotonic += ms;
    this.#now += ms;
  }
}

/** Lets all promise reactions run that need no I/O. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
