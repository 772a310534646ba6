import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { toError } from '../app-error.ts';
import type { ExitStatus } from '../exit-status.ts';
import { readProcessStat } from '../process-identity.ts';
import { withFullCoreDump } from './core-dump.ts';
import { closePipe, type OutputPipe, readPipe } from './output-pipe.ts';
import type { PipeSupply } from './pipe-supply.ts';
import { MARKER_VARIABLE, type SpawnContained, type SpawnResult } from './process-container.ts';
import { asRealUser } from './real-user.ts';
import { explainSpawnFailure } from './spawn-failure.ts';

export interface SpawnContext {
  readonly marker: string;
  readonly pipes: PipeSupply;
  /** Called right before the process is forked, without giving way to the event loop in between. */
  readonly beforeFork?: () => void;
}

/** Starts a process in a session of its own, marked. */
export async function spawnProcess(options: SpawnContained, context: SpawnContext): Promise<SpawnResult> {
  const [, stdout, stderr] = options.stdio ?? DEFAULT_STDIO;
  const wanted = stdout === 'pipe' || stderr === 'pipe';
  const pipes = (wanted && (await context.pipes.take())) || [];
  const [outPipe, errPipe] = pipes;
  let child: ChildProcess;
  try {
    options.signal?.throwIfAborted();
    child = asRealUser(() => {
      context.beforeFork?.();
      return withFullCoreDump(() => start(options, context.marker, outPipe, errPipe));
    });
  } catch (error) {
    pipes.forEach(closePipe);
    return explainSpawnFailure(toError(error), options);
  }
  const { pid } = child;
  if (pid === undefined) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    child.once('error', resolve);
    pipes.forEach(closePipe);
    return explainSpawnFailure(await promise, options);
  }
  const exited = Promise.withResolvers<ExitStatus>();
  const closed = Promise.withResolvers<void>();
  child.once('exit', (code, signal) => exited.resolve({ code, signal }));
  child.once('close', () => closed.resolve());
  const out = adopt(stdout, outPipe);
  const err = adopt(stderr, errPipe);
  return {
    ok: true,
    process: {
      pid,
      // One that has ended already is a zombie until the event loop comes round, and still shows when it started.
      identity: { pid, startTime: readProcessStat(pid)?.startTime ?? null },
      stdin: child.stdin,
      stdout: out ?? child.stdout,
      stderr: err ?? child.stderr,
      exited: exited.promise,
      outputEnded: Promise.all([closed.promise, untilClosed(out), untilClosed(err)]).then(() => undefined),
    },
  };
}

const DEFAULT_STDIO = ['ignore', 'pipe', 'pipe'] as const;

function start(
  { command, args, cwd, env, stdio = DEFAULT_STDIO, uid, gid }: SpawnContained,
  marker: string,
  outPipe?: OutputPipe,
  errPipe?: OutputPipe,
): ChildProcess {
  const outer = env[MARKER_VARIABLE];
  const [stdin, stdout, stderr] = stdio;
  return spawn(command, args, {
    cwd,
    // A container within a container: the outer one must still find what the inner one starts.
    env: { ...env, [MARKER_VARIABLE]: outer ? `${outer}:${marker}` : marker },
    stdio: [
      stdin,
      stdout === 'pipe' && outPipe ? outPipe.writeEnd : stdout,
      stderr === 'pipe' && errPipe ? errPipe.writeEnd : stderr,
    ],
    // setsid(). On Windows it would open a console window.
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
}

/** The stream of a pipe whose other end the child has now; null if there is none, or it was not wanted. */
function adopt(kind: 'ignore' | 'pipe' | number, pipe: OutputPipe | undefined): Readable | null {
  if (!pipe) return null;
  if (kind !== 'pipe') {
    closePipe(pipe);
    return null;
  }
  closeSync(pipe.writeEnd);
  return readPipe(pipe);
}

function untilClosed(stream: Readable | null): Promise<void> {
  if (!stream) return Promise.resolve();
  return new Promise((resolve) => stream.once('close', () => resolve()));
}
