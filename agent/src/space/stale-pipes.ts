import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PIPE_FOLDER } from '@go-agent/runtime/core';
import { type Owner, removeTree } from './remove-folder.ts';

// A living one is needed for some milliseconds, and a job host that was stopped in them can do without it.
const STALE_MS = 600_000;

/**
 * Removes the folders of pipes that killed job hosts of this user, and of the user as whom jobs run, have left among the temporary
 * files. Each is removed as its own user: the folder for temporary files is everybody's.
 */
export async function removeStalePipes(
  temporary: string,
  now: number,
  signal: AbortSignal,
  owner: Owner | undefined,
): Promise<void> {
  const names = await readdir(temporary).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(PIPE_FOLDER))) {
    const path = join(temporary, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isDirectory() !== true || now - stats.mtimeMs < STALE_MS) continue;
    if (stats.uid === process.getuid?.()) await removeTree(path, signal);
    else if (stats.uid === owner?.uid) await removeTree(path, signal, owner);
  }
}
