import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { findRunning } from '../find-running.ts';
import { homeFiles, makeHome } from '../home-files.ts';
import type { CommandContext, RunOptions, StartMessage } from './context.ts';
import { guarded } from './guarded.ts';

/** How long `start` waits for the agent to run before it leaves the bootstrapper to its work. */
const PATIENCE_MS = 30_000;
/** How long it then waits to hear whether the server accepts the agent. A server that answers does so within a second. */
const CONTACT_MS = 5000;

type Started =
  /** `problems`: what became of the first contact with the server; undefined if that is not known yet. */
  | { readonly type: 'running'; readonly problems?: readonly string[] }
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
  await makeHome(home);
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
      context.print(runningText(`go-agent runs in ${home} (pid ${pid})`, options.serverUrl, result.problems));
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

function runningText(runs: string, serverUrl: string, problems: readonly string[] | undefined): string {
  if (problems === undefined) return `${runs}. ${serverUrl} has not answered it yet; see go-agent status.`;
  if (problems.length === 0) return `${runs}, and is registered with ${serverUrl}.`;
  const lines = problems.map((problem) => `Problem: ${problem}`);
  return [`${runs}, but cannot work yet; it goes on trying. go-agent doctor says what to do.`, ...lines].join(
    '\n',
  );
}

async function untilStarted(
  { clock, stop }: CommandContext,
  child: ChildProcess,
  output: string,
): Promise<Started> {
  const settled = new AbortController();
  const running = Promise.withResolvers<void>();
  const started = new Promise<Started>((resolve) => {
    child.on('message', (message: StartMessage) => {
      if (message.type === 'refused')
        resolve({ type: 'failed', message: message.message, code: ExitCode.locked });
      else if (message.type === 'agent') resolve({ type: 'running', problems: message.problems });
      else if (message.phase === 'running') running.resolve();
    });
    child.on('error', (error) => resolve({ type: 'failed', message: error.message, code: ExitCode.failed }));
    child.on('exit', (code, signal) => {
      const message = `it ended at once (${signal ?? `exit code ${code}`}); see ${output}`;
      resolve({ type: 'failed', message, code: code || ExitCode.failed });
    });
  });
  const over = AbortSignal.any([stop, settled.signal]);
  const patience = clock.sleep(PATIENCE_MS, over).then((): Started => ({ type: 'slow' }));
  const contact = running.promise
    .then(() => clock.sleep(CONTACT_MS, over))
    .then((): Started => ({ type: 'running' }));
  try {
    return await Promise.race([started, contact, patience]);
  } finally {
    settled.abort();
    await patience;
  }
}
