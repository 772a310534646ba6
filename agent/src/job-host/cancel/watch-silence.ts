import { ConsoleTag } from '@go-agent/protocol';
import type { Clock } from '@go-agent/runtime/core';
import type { CancelReason } from '../../journal/format.ts';
import type { JobConsole } from '../console/job-console.ts';
import { describeDuration } from './describe-duration.ts';

const MAX_LOOK_MS = 1000;

export interface SilenceOptions {
  /** How long the console may stay as it is, in milliseconds; undefined: for ever. */
  readonly limitMs: number | undefined;
  readonly console: JobConsole;
  readonly clock: Clock;
  readonly cancel: AbortController;
}

/** Ends the job, as timed out, when nothing has been printed for too long (server-config-api 2.14). Disposing ends the watch. */
export function watchSilence(options: SilenceOptions): Disposable {
  const over = new AbortController();
  const { limitMs } = options;
  if (limitMs !== undefined && limitMs > 0) void watch(options, limitMs, over.signal);
  return { [Symbol.dispose]: () => over.abort() };
}

/** Never rejects. */
async function watch(
  { console, clock, cancel }: SilenceOptions,
  limitMs: number,
  over: AbortSignal,
): Promise<void> {
  const lookMs = Math.min(MAX_LOOK_MS, limitMs / 20);
  let seen = console.sink.written;
  let seenAt = clock.monotonic();
  while (clock.monotonic() - seenAt < limitMs) {
    if (!(await clock.sleep(lookMs, over)) || cancel.signal.aborted) return;
    if (console.sink.written === seen) continue;
    seen = console.sink.written;
    seenAt = clock.monotonic();
  }
  const silence = describeDuration(limitMs);
  console.line(
    ConsoleTag.taskError,
    `[go] The job has printed nothing for ${silence}, which is its time-out, and is ended. Set a longer timeout on the job, or have it print its progress.`,
  );
  cancel.abort('timed-out' satisfies CancelReason);
}
