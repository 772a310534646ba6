import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';

// sun_path holds 108 bytes on Linux and 104 on macOS, the final NUL included.
const LONGEST = 103;

export interface SocketAddress extends AsyncDisposable {
  /** For `listen` and `connect`. Valid until disposed; dispose it after the listening server was closed. */
  readonly path: string;
}

/**
 * The address of a socket in a job's folder. A home folder may lie too deep for a socket's name: then, on Linux, the name goes
 * through an open handle of the folder.
 * @throws AppError journal-path-too-long
 */
export async function socketAddress(folder: string, name: string): Promise<SocketAddress> {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST) return { path, [Symbol.asyncDispose]: () => Promise.resolve() };
  if (process.platform !== 'linux') {
    throw new AppError(
      'journal-path-too-long',
      `${path} is too long for the name of a socket (at most ${LONGEST} bytes); move the agent's home to a shorter path`,
    );
  }
  const handle = await open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}/${name}`, [Symbol.asyncDispose]: () => handle.close() };
}
