import { ConsoleTag, consoleText } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { CancelReason, JournalResult } from '../journal/format.ts';
import { Cancellation } from './cancel/cancellation.ts';
import { resultOfEnding } from './cancel/result-of-ending.ts';
import { endLeftovers } from './end-leftovers.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { JobContext } from './job-context.ts';
import { announce, build, placeOf, prepare, publish } from './job-phases.ts';
import { publishLate } from './publish-late.ts';
import { runOnCancelTask } from './tasks/run-on-cancel-task.ts';

const ON_CANCEL_MS = 60_000;

/**
 * A job from its first console line to its last event (agent-protocol 4.11). Its `started` event is on disk already.
 * Never rejects: whatever goes wrong outside of a task is a line on the console and a failed job.
 */
export async function runJob(context: JobContext, events: EventRecorder): Promise<JournalResult> {
  const { assignment, cancelled, clock, console, container, hurry, processes } = context;
  const { graceMs, onCancelMs = ON_CANCEL_MS } = assignment;
  const runOnCancel = runOnCancelTask(context);
  const cancellation = new Cancellation({
    signal: cancelled,
    tree: container,
    console,
    clock,
    graceMs,
    onCancelMs,
    hurry,
    runOnCancel,
    giveUp: (survivors) => processes.giveUp(survivors),
  });
  const phases = { published: false };
  const outcome = await runPhases(context, events, cancellation, phases);
  await cancellation.ended();
  if (!phases.published) await publishWhatThereIs(context);
  // A cancel that comes later changes neither.
  const result = cancelled.aborted ? resultOfEnding(cancelled) : outcome;
  const reason = cancelled.aborted ? { reason: cancelled.reason as CancelReason } : {};
  await endLeftovers(context);
  console.line(ConsoleTag.completed, consoleText.jobCompleted(placeOf(assignment)));
  await events.record({ type: 'completed', result, ...reason });
  return result;
}

async function runPhases(
  context: JobContext,
  events: EventRecorder,
  cancellation: Cancellation,
  phases: { published: boolean },
): Promise<JournalResult> {
  const { assignment, cancelled, console } = context;
  try {
    using silence = context.watchSilence();
    announce(context);
    void events.record({ type: 'preparing' });
    const variables = await prepare(context);
    if (cancelled.aborted) {
      console.line(ConsoleTag.notice, consoleText.jobIsCancelled(placeOf(assignment)));
      return 'Cancelled';
    }
    console.line(ConsoleTag.notice, consoleText.startToBuild(placeOf(assignment)));
    void events.record({ type: 'building' });
    const result = await build(context, variables, cancellation);
    silence[Symbol.dispose]();
    void events.record({ type: 'completing', result });
    if (cancelled.aborted) return result;
    phases.published = true;
    return await publish(context, result);
  } catch (error) {
    if (cancelled.aborted) console.line(ConsoleTag.notice, consoleText.jobIsCancelled(placeOf(assignment)));
    else console.line(ConsoleTag.taskError, describeError(error));
    return 'Failed';
  }
}

async function publishWhatThereIs(context: JobContext): Promise<void> {
  try {
    await publishLate(context);
  } catch (error) {
    context.console.line(ConsoleTag.artifactError, describeError(error));
  }
}
