/** The only way to wait or to read the time. The system's clock in production, {@link FakeClock} in tests. */
export interface Clock {
  /** Milliseconds since the epoch. May jump; never use it for durations. */
  now(): number;
  /** Milliseconds since an arbitrary start; never jumps. For durations and deadlines. */
  monotonic(): number;
  /** Resolves to true after `ms`, however many, to false as soon as `signal` is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<boolean>;
}

/** The longest that a timer of Node can wait, 24.8 days: one that is given more fires at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve(false);
        return;
      }
      const onAbort = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const onEnd = () => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      };
      const wait = (leftMs: number): NodeJS.Timeout => {
        if (leftMs <= MAX_TIMER_MS) return setTimeout(onEnd, leftMs);
        return setTimeout(() => {
          timer = wait(leftMs - MAX_TIMER_MS);
        }, MAX_TIMER_MS);
      };
      let timer = wait(ms);
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};
