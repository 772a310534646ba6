import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { systemClock, withDeadline } from '@go-agent/runtime/core';

export interface TestProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything it has written to stdout and stderr so far. */
  output(): string;
  /** Resolves with the exit status, or 128 + n for a signal. */
  readonly exited: Promise<number>;
  isRunning(): boolean;
  kill(signal: NodeJS.Signals): void;
}

/** A real child process that is ended with the test: `endWith`, and SIGKILL after `patienceMs`. */
export function startProcess(
  command: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly patienceMs?: number;
    /** Default SIGTERM. */
    readonly endWith?: NodeJS.Signals;
    /** A session of its own, so that a signal to this one does not reach it. */
    readonly detached?: boolean;
  },
): TestProcess {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: options.detached ?? false,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = once(child, 'exit').then(
    ([code, signal]: (number | NodeJS.Signals | null)[]) =>
      typeof code === 'number' ? code : 128 + constants.signals[signal as NodeJS.Signals],
    (error: Error) => {
      throw new Error(`${command} could not be started: ${error.message}`, { cause: error });
    },
  );
  exited.catch(() => undefined);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  return {
    child,
    pid: child.pid ?? -1,
    output: () => text,
    exited,
    isRunning,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      if (!isRunning()) return;
      child.kill(options.endWith ?? 'SIGTERM');
      try {
        await withDeadline(() => exited, options.patienceMs ?? 60_000, systemClock);
      } catch {
        child.kill('SIGKILL');
        await exited;
      }
    },
  };
}

/** Runs a command to its end. */
export async function runToEnd(
  command: string,
  args: readonly string[],
  options: Parameters<typeof startProcess>[2] & { readonly timeoutMs?: number },
): Promise<{ readonly status: number; readonly output: string }> {
  await using running = startProcess(command, args, options);
  const closed = once(running.child, 'close');
  const status = await withDeadline(() => running.exited, options.timeoutMs ?? 120_000, systemClock);
  // A background process may hold the pipes; what the command itself has said is there by now.
  await Promise.race([closed, systemClock.sleep(200, new AbortController().signal)]);
  return { status, output: running.output() };
}
