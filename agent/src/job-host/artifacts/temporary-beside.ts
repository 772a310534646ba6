import { randomBytes } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeTree } from '../materials/remove-tree.ts';

/** A new name beside a file, for what is to replace it in one step. */
export function temporaryBeside(path: string): string {
  return join(dirname(path), `.go-agent-${randomBytes(8).toString('hex')}.part`);
}

/** Whether `temporaryBeside` gave the name: what has it is no file of the job's. */
export function isTemporary(name: string): boolean {
  return /^\.go-agent-[0-9a-f]{16}\.part$/.test(name);
}

/**
 * Removes what processes that were killed have left in a folder, not in those below it. What is younger than this process is in use,
 * by it or by another job that has the same folder. What cannot be removed stays: it is in nobody's way.
 */
export async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporary)) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < performance.timeOrigin)
      await removeTree(path).catch(() => undefined);
  }
}
