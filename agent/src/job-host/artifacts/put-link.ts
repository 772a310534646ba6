import { readlink, rename, rm, symlink } from 'node:fs/promises';
import { removeTree } from '../materials/remove-tree.ts';
import { isFolder } from './make-folder.ts';
import { temporaryBeside } from './temporary-beside.ts';

/**
 * Puts a symbolic link in its place: in one step, unless a folder is there, for which no system has one.
 * @returns whether anything had to be done
 */
export async function putLink(target: string, at: string): Promise<boolean> {
  if ((await readlink(at).catch(() => undefined)) === target) return false;
  const [link, old] = [temporaryBeside(at), temporaryBeside(at)];
  await symlink(target, link);
  try {
    if (await isFolder(at)) await rename(at, old);
    await rename(link, at);
  } finally {
    await rm(link, { force: true });
    await removeTree(old);
  }
  return true;
}
