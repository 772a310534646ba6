import { ExitCode } from '@go-agent/protocol/launch-contract';
import { isAlive, type ProcessIdentity } from '@go-agent/runtime/core';
import { askBootstrapper } from '../control/ask-bootstrapper.ts';
import { ENDING_MS } from '../control/shutdown.ts';
import { findOrphan } from '../find-orphan.ts';
import { findRunning, readStatus } from '../find-running.ts';
import type { CommandContext } from './context.ts';

export interface StopOptions {
  readonly home: string;
  /** End a running job at once, without a report. */
  readonly now: boolean;
  /** For how long a running job may go on. Absent: as long as the bootstrapper itself would let it. */
  readonly drainTimeoutMs?: number;
  /** How long the agent may take to end properly once it has no job. */
  readonly timeoutMs: number;
}

const LADDER_STEP_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** `go-agent stop`: asks, then insists, then kills; only ever the very process that wrote the status. */
export async function stop(context: CommandContext, options: StopOptions): Promise<number> {
  const { home, timeoutMs, now } = options;
  await endGuard(home);
  const running = await findRunning(home);
  if (running !== undefined) {
    // What it would do at the end of its own time, should it be another than this one.
    const drainTimeoutMs = options.drainTimeoutMs ?? (running.drainTimeoutMs ?? 0) + ENDING_MS;
    const job = now ? undefined : await jobOf(context, home);
    if (job !== undefined) {
      if (options.drainTimeoutMs !== undefined) await giveTime(context, home, options.drainTimeoutMs);
      context.print(
        `Job ${job} may finish, for at most ${drainTimeoutMs / 1000} s. go-agent stop --now ends it.`,
      );
    }
    const how = await end(context, running.process, [
      ...(job === undefined ? [] : drainLadder(drainTimeoutMs, timeoutMs)),
      [now ? 'SIGINT' : 'SIGTERM', timeoutMs, 'it ended by itself'],
      ['SIGINT', LADDER_STEP_MS, `it had not ended after ${timeoutMs / 1000} s and ended its agent at once`],
      ['SIGKILL', LADDER_STEP_MS, 'it did not answer and was killed'],
    ]);
    if (how === undefined) {
      context.printError(`go-agent: process ${running.process.pid} ${stillThere(context)}`);
      return ExitCode.failed;
    }
    context.print(`go-agent (pid ${running.process.pid}) is stopped: ${how}.`);
  }
  const orphan = findOrphan(home);
  if (orphan !== undefined) {
    const how = await end(context, orphan, [
      ['SIGTERM', timeoutMs, 'it ended by itself'],
      ['SIGKILL', LADDER_STEP_MS, 'it did not answer and was killed'],
    ]);
    context.print(
      `An agent without a bootstrapper (pid ${orphan.pid}): ${how ?? `it ${stillThere(context)}`}.`,
    );
    return how === undefined ? ExitCode.failed : ExitCode.ok;
  }
  if (running !== undefined) return ExitCode.ok;
  context.print(`go-agent does not run in ${home}.`);
  return ExitCode.notRunning;
}

/** First of all, since it may be about to start a bootstrapper that has crashed. */
async function endGuard(home: string): Promise<void> {
  const guard = (await readStatus(home))?.guard;
  // A pid alone may by now be that of a stranger.
  if (typeof guard?.startTime === 'number' && isAlive(guard)) sendSignal(guard.pid, 'SIGKILL');
}

function drainLadder(drainTimeoutMs: number, timeoutMs: number): readonly Rung[] {
  return [
    ['SIGTERM', drainTimeoutMs, 'it ended by itself'],
    ['SIGTERM', timeoutMs, `its job had not ended after ${drainTimeoutMs / 1000} s and was cancelled`],
  ];
}

/** Before it is told to end, for then its own time would begin. */
async function giveTime({ cwd, printError }: CommandContext, home: string, ms: number): Promise<void> {
  const answer = await askBootstrapper({ home, cwd }, 'POST', `/drain-timeout?ms=${ms}`);
  if (answer.kind !== 'done')
    printError(`go-agent: the job gets no more than the running go-agent's own time: ${answer.message}`);
}

async function jobOf({ cwd }: CommandContext, home: string): Promise<string | undefined> {
  const answer = await askBootstrapper({ home, cwd }, 'GET', '/health');
  return answer.kind === 'done' ? answer.report.agent?.job : undefined;
}

/** Of a process that has not ended, after its pid. */
function stillThere({ stop }: CommandContext): string {
  return stop.aborted
    ? 'is about to end, and is not waited for any longer'
    : 'cannot be ended. Remedy: look at it with ps and dmesg';
}

type Rung = readonly [signal: NodeJS.Signals, waitMs: number, said: string];

/** Resolves to how it ended; undefined if it has not, or nobody waits for it any longer. */
async function end(
  { clock, stop }: CommandContext,
  target: ProcessIdentity,
  ladder: readonly Rung[],
): Promise<string | undefined> {
  for (const [signal, waitMs, said] of ladder) {
    if (isAlive(target)) sendSignal(target.pid, signal);
    const deadline = clock.monotonic() + waitMs;
    do {
      if (!isAlive(target)) return said;
      // Not the process's own child, so there is nothing to be told by.
      if (!(await clock.sleep(LOOK_EVERY_MS, stop))) return undefined;
    } while (clock.monotonic() < deadline);
  }
  return undefined;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
