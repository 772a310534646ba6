import { describeError } from '../app-error.ts';
import { systemClock } from '../clock.ts';

export interface WaitForOptions {
  /** Default 60,000: what ends at once may take long on a machine with other work. */
  readonly timeoutMs?: number;
  /** Default 10. */
  readonly intervalMs?: number;
  /** What is waited for, for the error message. */
  readonly describe?: string;
}

type Falsy = false | 0 | '' | null | undefined;

/**
 * Asks again and again until `check` returns something truthy, and returns that. For effects that announce themselves
 * in no other way (a file, a process); anything else is awaited.
 * @throws Error at the deadline, with what `check` last returned or threw
 */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 60_000, intervalMs = 10, describe = 'the condition' }: WaitForOptions = {},
): Promise<Exclude<T, Falsy>> {
  const deadline = systemClock.monotonic() + timeoutMs;
  const never = new AbortController().signal;
  for (;;) {
    let last: string;
    let cause: unknown;
    try {
      const value = await check();
      if (value) return value as Exclude<T, Falsy>;
      last = `it was ${String(value)}`;
    } catch (error) {
      last = describeError(error);
      cause = error;
    }
    if (systemClock.monotonic() >= deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${describe}; at last: ${last}`, { cause });
    }
    await systemClock.sleep(intervalMs, never);
  }
}
