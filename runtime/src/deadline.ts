import { AppError } from './app-error.ts';
import { type Clock, systemClock } from './clock.ts';

/** Resolves when `signal` is aborted; at once if it is already. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Runs `work` for at most `ms`. The signal that it gets is aborted at the deadline and when `signal` is; `work` that
 * ignores its signal is left behind, its late result or failure is dropped.
 * @throws AppError `deadline-exceeded` (retryable) at the deadline; the reason of `signal` when that is aborted.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  ms: number,
  clock: Clock = systemClock,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const own = new AbortController();
  const timer = new AbortController();
  const onAbort = () => own.abort(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  const failed = Promise.withResolvers<never>();
  own.signal.addEventListener('abort', () => failed.reject(own.signal.reason), { once: true });
  const expiry = clock.sleep(ms, timer.signal).then((expired) => {
    if (expired)
      own.abort(new AppError('deadline-exceeded', `Not done within ${ms} ms`, { retryable: true }));
  });
  try {
    const running = work(own.signal);
    // What loses the race must not become an unhandled rejection.
    running.catch(() => undefined);
    failed.promise.catch(() => undefined);
    return await Promise.race([running, failed.promise]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    timer.abort();
    await expiry;
  }
}
