import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { socketPath } from '@go-agent/runtime/core';

const NAME = 'go-agent.sock';

/** The socket of a home folder, for the process that runs in it. @throws AppError `socket-path-too-long` */
export function socketToListen(home: string, cwd: string): string {
  return socketPath(join(home, 'data', NAME), cwd);
}

/**
 * The socket of a home folder, for a process that is somewhere else. A home may lie too deep for the name of a socket: then, on
 * Linux, the name goes through an open handle of the folder.
 * @throws AppError `socket-path-too-long`; what the file system reports
 */
export function socketToReach(home: string, cwd: string): Disposable & { readonly path: string } {
  try {
    return { path: socketPath(join(home, 'data', NAME), cwd), [Symbol.dispose]: () => undefined };
  } catch (error) {
    if (process.platform !== 'linux') throw error;
    const fd = openSync(join(home, 'data'), 'r');
    return { path: `/proc/self/fd/${fd}/${NAME}`, [Symbol.dispose]: () => closeSync(fd) };
  }
}
