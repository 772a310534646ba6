// Node's own pipes are sockets, which nobody can open a second time: `echo x > /dev/stderr` and `tee /dev/stdout`
// would fail in every job. A FIFO that loses its name as soon as it is open is a real pipe.
import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

/** How the names of the folders begin, in the folder for temporary files. One is there for some milliseconds, unless its process is killed. */
export const PIPE_FOLDER = 'ga-pipe-';

export interface OutputPipe {
  /** For the child. To be closed here once it has been started. */
  readonly writeEnd: number;
  readonly readEnd: number;
}

/** Pipes with nothing in them; null if this system has no FIFOs, or no command to make them. Never rejects. */
export async function openOutputPipes(count: number): Promise<OutputPipe[] | null> {
  if (process.platform === 'win32') return null;
  const opened: OutputPipe[] = [];
  try {
    await using folder = await privateFolder();
    const paths = Array.from({ length: count }, (_, index) => join(folder.path, String(index)));
    // Writable for all: the folder is not, and a job may run as another user.
    await promisify(execFile)('mkfifo', ['-m', '666', ...paths], { env: { PATH: '/usr/bin:/bin' } });
    for (const path of paths) opened.push(openBothEnds(path));
    return opened;
  } catch {
    opened.forEach(closePipe);
    return null;
  }
}

async function privateFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), PIPE_FOLDER));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }).catch(() => undefined),
  };
}

function openBothEnds(path: string): OutputPipe {
  // The reading end first, and without waiting for a writer; then the writing end does not wait either.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
  } catch (error) {
    closeSync(readEnd);
    throw error;
  }
}

/** What comes out of the pipe. */
export function readPipe({ readEnd }: OutputPipe): Readable {
  return new Socket({ fd: readEnd, readable: true, writable: false });
}

export function closePipe({ readEnd, writeEnd }: OutputPipe): void {
  closeSync(readEnd);
  closeSync(writeEnd);
}
