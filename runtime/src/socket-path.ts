import { isAbsolute, relative, resolve } from 'node:path';
import { AppError } from './app-error.ts';

/** sun_path is 108 bytes on Linux (104 on macOS and the BSDs) and ends in NUL. */
const MAX_BYTES = process.platform === 'linux' || process.platform === 'win32' ? 107 : 103;

/**
 * The form of a Unix socket's path that the kernel takes: the shorter of the absolute one and the one relative to
 * `cwd`, which must be the current folder of the process that listens or connects.
 * @throws AppError `socket-path-too-long`
 */
export function socketPath(path: string, cwd: string): string {
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  const fromHere = relative(cwd, absolute);
  const shortest = fromHere !== '' && bytes(fromHere) < bytes(absolute) ? fromHere : absolute;
  if (bytes(shortest) > MAX_BYTES) {
    throw new AppError(
      'socket-path-too-long',
      `The socket path ${absolute} has ${bytes(absolute)} bytes and the system allows ${MAX_BYTES}. Use a home folder with a shorter path`,
    );
  }
  return shortest;
}

function bytes(path: string): number {
  return Buffer.byteLength(path);
}
