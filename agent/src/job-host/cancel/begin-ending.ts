import { type Builder, ConsoleTag, consoleText } from '@go-agent/protocol';
import { type Clock, describeError, type ProcessIdentity } from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';
import { describeDuration } from './describe-duration.ts';
import { type EndableTree, endAfterGrace } from './end-after-grace.ts';
import type { RunningTask } from './running-task.ts';

/** How long the first signal waits for a task that ends itself. */
const SELF_ENDING_MS = 1000;

export interface EndingOptions {
  readonly tree: EndableTree;
  readonly console: JobConsole;
  readonly clock: Clock;
  readonly graceMs: number;
  /** An on-cancel task that takes longer, and has no time-out of its own, is ended with the rest. */
  readonly onCancelMs: number;
  /** Aborted: no grace any more, neither for processes nor for the on-cancel task. */
  readonly hurry: AbortSignal;
  /** Runs an on-cancel task until its end or until `limit` is aborted. Resolves to whether it passed. */
  readonly runOnCancel: (builder: Builder, limit: AbortSignal) => Promise<boolean>;
  /** Called with what not even SIGKILL has ended (a process that waits for a lost file system, say): nobody is to wait for it. */
  readonly giveUp: (survivors: readonly ProcessIdentity[]) => void;
}

export interface Ending {
  /** The on-cancel task is over. */
  readonly onCancel: Promise<void>;
  /** Nothing is left but what cannot be ended. */
  readonly ended: Promise<void>;
}

/**
 * The ladder: the first signal to all at once, the on-cancel task of the task that runs, the grace, SIGKILL for what is left
 * (agent-protocol 4.12, agent-behaviour 12.2).
 */
export function beginEnding(task: RunningTask | null, options: EndingOptions): Ending {
  const { tree, clock, graceMs, console, hurry, giveUp } = options;
  const killAt = clock.monotonic() + graceMs;
  const onCancel = signalAndCleanUp(task, options);
  const ended = onCancel.then(async () => {
    const { killed, survivors } = await endAfterGrace(tree, clock, killAt, hurry);
    giveUp(survivors);
    if (killed > 0) console.line(ConsoleTag.notice, '[go] Attempting to force kill child processes.');
  });
  return { onCancel, ended };
}

async function signalAndCleanUp(task: RunningTask | null, options: EndingOptions): Promise<void> {
  const { console, tree } = options;
  if (task) await selfEnding(task, options);
  await tree.signalAll('SIGTERM');
  if (!task || task.builder.type === 'NullBuilder' || !task.beginOnCancel()) return;
  const { cancelBuilder } = task.builder;
  const description = cancelBuilder?.description ?? 'Kills child processes';
  console.line(ConsoleTag.cancelTaskStart, consoleText.cancelTaskStart(description));
  if (await runLimited(cancelBuilder, options))
    console.line(ConsoleTag.cancelTaskPassed, consoleText.cancelTaskCompleted());
  else console.line(ConsoleTag.cancelTaskFailed, consoleText.cancelTaskFailed());
}

/** Gives way to nothing if the task does not end itself: the first signal goes out in the same turn of the event loop. */
function selfEnding({ gone }: RunningTask, options: EndingOptions): Promise<void> | undefined {
  if (gone === undefined || options.hurry.aborted) return undefined;
  return untilGone(gone, options);
}

async function untilGone(gone: Promise<unknown>, { clock, graceMs, hurry }: EndingOptions): Promise<void> {
  const stop = new AbortController();
  const patience = clock.sleep(Math.min(SELF_ENDING_MS, graceMs / 2), AbortSignal.any([hurry, stop.signal]));
  await Promise.race([gone, patience]);
  stop.abort();
}

async function runLimited(task: Builder | undefined, options: EndingOptions): Promise<boolean> {
  const { clock, console, tree, runOnCancel, onCancelMs, hurry, giveUp } = options;
  if (!task || task.type === 'BuilderForKillAllChildTask') {
    // The signal is on its way already.
    console.line(ConsoleTag.notice, '[go] Attempting to kill child processes.');
    return true;
  }
  const limit = new AbortController();
  const done = new AbortController();
  const limitMs = task.timeoutMs ?? onCancelMs;
  const timer = clock.sleep(limitMs, AbortSignal.any([done.signal, hurry])).then(async (expired) => {
    if (done.signal.aborted) return;
    limit.abort();
    const why = expired ? `took longer than ${describeDuration(limitMs)}` : 'is not waited for any longer';
    console.line(ConsoleTag.taskError, `[go] On Cancel Task ${why} and is ended`);
    giveUp(await tree.killAll());
  });
  try {
    return await runOnCancel(task, limit.signal);
  } catch (error) {
    console.line(ConsoleTag.taskError, `[go] ${describeError(error)}`);
    return false;
  } finally {
    done.abort();
    await timer;
  }
}
