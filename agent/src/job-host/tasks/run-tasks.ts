import { type Builder, ConsoleTag, consoleText } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { JournalResult } from '../../journal/format.ts';
import type { Cancellation } from '../cancel/cancellation.ts';
import { resultOfEnding } from '../cancel/result-of-ending.ts';
import { runBuilder } from './run-builder.ts';
import { shouldRun } from './run-if.ts';
import type { TaskContext, TaskOutcome } from './task-context.ts';
import { withTimeLimit } from './with-time-limit.ts';

/** Runs the job's tasks in order (agent-protocol 4.9, 4.11 no. 10). A task that failed is not made good by a later one. */
export async function runTasks(context: TaskContext, cancellation: Cancellation): Promise<JournalResult> {
  let result: 'Passed' | 'Failed' = 'Passed';
  for (const builder of context.assignment.work.assignment.builders) {
    if (context.cancelled.aborted) break;
    if (!shouldRun(builder.conditions, result)) continue;
    const { passed } = await runTask(builder, context, cancellation);
    if (!passed) result = 'Failed';
  }
  return context.cancelled.aborted ? resultOfEnding(context.cancelled) : result;
}

async function runTask(
  builder: Builder,
  context: TaskContext,
  cancellation: Cancellation,
): Promise<TaskOutcome> {
  const { clock, console, cancelled } = context;
  console.line(ConsoleTag.taskStart, consoleText.taskStart(builder.description));
  const startedAt = clock.monotonic();
  const outcome = await cancellation.during(builder, (running) =>
    withTimeLimit(running, { ...context, endsItself: running.endsItself }, cancellation.ending, (limited) =>
      runSafely(builder, limited),
    ),
  );
  const isCancelled = cancelled.aborted && resultOfEnding(cancelled) === 'Cancelled';
  const status = isCancelled ? 'cancelled' : outcome.passed ? 'passed' : 'failed';
  const exitCode = outcome.passed ? undefined : outcome.exitCode || undefined;
  console.line(TAGS[status], consoleText.taskStatus(status, clock.monotonic() - startedAt, exitCode));
  return outcome;
}

const TAGS = {
  passed: ConsoleTag.taskPassed,
  failed: ConsoleTag.taskFailed,
  cancelled: ConsoleTag.taskCancelled,
} as const;

async function runSafely(builder: Builder, context: TaskContext): Promise<TaskOutcome> {
  try {
    return await runBuilder(builder, context);
  } catch (error) {
    if (!context.cancelled.aborted)
      context.console.line(ConsoleTag.taskError, `[go] ${describeError(error)}`);
    return { passed: false };
  }
}
