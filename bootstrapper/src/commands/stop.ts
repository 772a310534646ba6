import { ExitCode } from '@go-agent/protocol/launch-contract';
import { type Clock, isAlive, type ProcessIdentity } from '@go-agent/runtime/core';
import { findOrphan } from '../find-orphan.ts';
import { findRunning } from '../find-running.ts';
import type { CommandContext } from './context.ts';

export interface StopOptions {
  readonly home: string;
  /** How long the agent may take to end properly. */
  readonly timeoutMs: number;
}

const LADDER_STEP_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** `go-agent stop`: asks, then insists, then kills; only ever the very process that wrote the status. */
export async function stop(context: CommandContext, { home, timeoutMs }: StopOptions): Promise<number> {
  const running = await findRunning(home);
  if (running !== undefined) {
    const how = await end(context.clock, running.process, [
      ['SIGTERM', timeoutMs, 'it ended by itself'],
      ['SIGTERM', LADDER_STEP_MS, `it had not ended after ${timeoutMs / 1000} s and ended its agent at once`],
      ['SIGKILL', LADDER_STEP_MS, 'it did not answer and was killed'],
    ]);
    if (how === undefined) {
      context.printError(
        `go-agent: process ${running.process.pid} cannot be ended. Remedy: look at it with ps and dmesg.`,
      );
      return ExitCode.failed;
    }
    context.print(`go-agent (pid ${running.process.pid}) is stopped: ${how}.`);
  }
  const orphan = findOrphan(home);
  if (orphan !== undefined) {
    const how = await end(context.clock, orphan, [
      ['SIGTERM', timeoutMs, 'it ended by itself'],
      ['SIGKILL', LADDER_STEP_MS, 'it did not answer and was killed'],
    ]);
    context.print(`An agent without a bootstrapper (pid ${orphan.pid}): ${how ?? 'it cannot be ended'}.`);
    return how === undefined ? ExitCode.failed : ExitCode.ok;
  }
  if (running !== undefined) return ExitCode.ok;
  context.print(`go-agent does not run in ${home}.`);
  return ExitCode.notRunning;
}

type Rung = readonly [signal: NodeJS.Signals, waitMs: number, said: string];

async function end(
  clock: Clock,
  target: ProcessIdentity,
  ladder: readonly Rung[],
): Promise<string | undefined> {
  for (const [signal, waitMs, said] of ladder) {
    if (isAlive(target)) sendSignal(target.pid, signal);
    const deadline = clock.monotonic() + waitMs;
    do {
      if (!isAlive(target)) return said;
      // Not the process's own child, so there is nothing to be told by.
      await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
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
