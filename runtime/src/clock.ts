/** The only way to wait or to read the time. The system's clock in production, {@link FakeClock} in tests. */
export interface Clock {
  /** Milliseconds since the epoch. May jump; never use it for durations. */
  now(): number;
  /** Milliseconds since an arbitrary start; never jumps. For durations and deadlines. */
  monotonic(): number;
  /** Resolves to true after `ms`, to false as soon as `signal` is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<boolean>;
}

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
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve(true);
      }, ms);
      signal.addEventListener('abort', onAbort, { once: true });
    }),
};
