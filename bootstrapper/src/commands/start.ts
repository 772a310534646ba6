import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { findRunning } from '../find-running.ts';
import { homeFiles } from '../home-files.ts';
import type { CommandContext, RunOptions, StartMessage } from './context.ts';
import { guarded } from './guarded.ts';

/** How long `start` waits for the agent to run before it leaves the bootstrapper to its work. */
const PATIENCE_MS = 30_000;

type Started =
  | { readonly type: 'running' }
  | { readonly type: 'failed'; readonly message: string; readonly code: number }
  | { readonly type: 'slow' };

/**
 * `go-agent start`: the same as `run`, in the background.
 * @param runArguments the command line of `run`, as the user gave it to `start`
 */
export async function start(
  context: CommandContext,
  options: RunOptions,
  runArguments: readonly string[],
): Promise<number> {
  const { home } = options;
  const running = await findRunning(home);
  if (running !== undefined) {
    context.print(`go-agent runs already in ${home} (pid ${running.process.pid}).`);
    return ExitCode.ok;
  }
  const { output } = homeFiles(home);
  mkdirSync(dirname(output), { recursive: true });
  const fd = openSync(output, 'w', 0o640);
  const [command, ...args] = guarded(context.self, runArguments);
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', fd, fd, 'ipc'],
  });
  closeSync(fd);
  const result = await untilStarted(context, child, output);
  if (child.connected) child.disconnect();
  child.unref();
  const pid = (await findRunning(home))?.process.pid ?? child.pid;
  switch (result.type) {
    case 'failed':
      context.printError(`go-agent: ${result.message}`);
      return result.code;
    case 'running':
      context.print(`go-agent runs in ${home} (pid ${pid}).`);
      return ExitCode.ok;
    case 'slow':
      context.print(
        `go-agent runs in ${home} (pid ${pid}), but has no agent yet; see go-agent status and go-agent logs.`,
      );
      return ExitCode.ok;
    default:
      return result satisfies never;
  }
}

async function untilStarted(
  { clock, stop }: CommandContext,
  child: ChildProcess,
  output: string,
): Promise<Started> {
  const settled = new AbortController();
  const started = new Promise<Started>((resolve) => {
    child.on('message', (message: StartMessage) => {
      if (message.type === 'refused')
        resolve({ type: 'failed', message: message.message, code: ExitCode.locked });
      else if (message.phase === 'running') resolve({ type: 'running' });
    });
    child.on('error', (error) => resolve({ type: 'failed', message: error.message, code: ExitCode.failed }));
    child.on('exit', (code, signal) => {
      const message = `it ended at once (${signal ?? `exit code ${code}`}); see ${output}`;
      resolve({ type: 'failed', message, code: code || ExitCode.failed });
    });
  });
  const patience = clock
    .sleep(PATIENCE_MS, AbortSignal.any([stop, settled.signal]))
    .then((): Started => ({ type: 'slow' }));
  try {
    return await Promise.race([started, patience]);
  } finally {
    settled.abort();
    await patience;
  }
}
