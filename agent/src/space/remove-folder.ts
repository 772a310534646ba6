import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRealFolder } from './kept-folder.ts';

const GOING = '.going-';
const PROGRAMS = { PATH: '/usr/bin:/bin' };

/** Whose the files are, if not this process's own user's. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Takes a folder out of the way in one step, so that nobody ever finds half of it. It is left to {@link removeGoing}.
 * @throws what the file system reports
 */
export async function setGoing(path: string): Promise<void> {
  await rename(path, join(dirname(path), GOING + randomBytes(6).toString('hex')));
}

/**
 * Removes what was set going in a folder, now or by an earlier process. A process of its own does it: it costs this one neither
 * time nor threads, it can be ended at any moment, and `rm` follows no link that somebody puts in its way meanwhile.
 * @returns the paths of what could not be removed
 */
export async function removeGoing(
  parent: string,
  signal: AbortSignal,
  owner?: Owner,
): Promise<readonly string[]> {
  if (!(await isRealFolder(parent))) return [];
  const left: string[] = [];
  for (const name of (await readdir(parent)).filter((name) => name.startsWith(GOING))) {
    const path = join(parent, name);
    if (signal.aborted) return left;
    await removeTree(path, signal, owner);
    if ((await isRealFolder(path)) && !signal.aborted) left.push(path);
  }
  return left;
}

/** Removes a folder, as its owner if that is given; whoever may write in it cannot lead that elsewhere. Never rejects. */
export async function removeTree(path: string, signal: AbortSignal, owner?: Owner): Promise<void> {
  if (process.platform === 'win32') return rm(path, { recursive: true, force: true }).catch(() => undefined);
  if (await run('rm', ['-rf', '--', path], signal, owner)) return;
  // Folders without the right to write, as Go makes them for its modules.
  await run('chmod', ['-R', 'u+rwX', '--', path], signal, owner);
  await run('rm', ['-rf', '--', path], signal, owner);
  // Another user may empty the folder but not remove it.
  await rmdir(path).catch(() => undefined);
}

function run(command: string, args: readonly string[], signal: AbortSignal, owner?: Owner): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(command, args, { stdio: 'ignore', env: PROGRAMS, signal, ...owner });
  child.once('error', () => undefined);
  child.once('close', (code) => resolve(code === 0));
  return promise;
}
