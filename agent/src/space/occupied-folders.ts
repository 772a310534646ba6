import { readdir, readlink } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';

/**
 * The current folders of all processes that this one may look at; on a system without /proc none. A job may have left processes
 * running on purpose, and those still want their folder.
 */
export async function currentFolders(): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const folders = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => undefined)));
  return folders.filter((folder) => folder !== undefined);
}

export function isOccupied(path: string, current: readonly string[]): boolean {
  return current.some((folder) => {
    const inside = relative(path, folder);
    return inside === '' || !(inside.startsWith('..') || isAbsolute(inside));
  });
}
