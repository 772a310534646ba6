import { ConsoleTag } from '@go-agent/protocol';
import { beginEnding, type EndingOptions } from '../cancel/begin-ending.ts';
import { describeDuration } from '../cancel/describe-duration.ts';
import { processesSince } from '../cancel/processes-since.ts';
import type { RunningTask } from '../cancel/running-task.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';

/**
 * Runs a task for as long as it may take. One that takes longer is ended as by a cancel, with its on-cancel task, and has failed; what
 * earlier tasks left running goes on.
 */
export async function withTimeLimit(
  running: RunningTask,
  context: TaskContext,
  ending: EndingOptions,
  task: (context: TaskContext) => Promise<TaskOutcome>,
): Promise<TaskOutcome> {
  const { timeoutMs } = running.builder;
  if (timeoutMs === undefined || timeoutMs <= 0) return task(context);
  const { clock, console, container, cancelled } = context;
  const tree = await processesSince(container, clock);
  const expired = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(timeoutMs, AbortSignal.any([done.signal, cancelled])).then(async (isLate) => {
    if (!isLate) return;
    const limit = describeDuration(timeoutMs);
    console.line(
      ConsoleTag.taskError,
      `[go] The task has taken longer than ${limit}, which is its time-out, and is ended.`,
    );
    const { ended } = beginEnding(running, { ...ending, tree });
    expired.abort();
    await ended;
  });
  try {
    const outcome = await task({ ...context, cancelled: AbortSignal.any([cancelled, expired.signal]) });
    if (!expired.signal.aborted) return outcome;
    return { ...outcome, passed: false };
  } finally {
    done.abort();
    await timer;
  }
}
