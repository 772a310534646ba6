import { lstat, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeLeftovers } from './temporary-beside.ts';

/**
 * Makes folders below one, and clears those that are there of leftovers. What is in the way goes: a file, or a link that the last fetch left, for a folder made through a link would be
 * in another place, the neighbour or one outside.
 */
export class FolderMaker {
  readonly #root: string;
  readonly #made = new Set(['']);

  /** @param root is there; it may be a link */
  constructor(root: string) {
    this.#root = root;
  }

  /** @param path below the root, with `/` */
  async make(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    await this.make(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    const at = join(this.#root, path);
    // Each folder once, and before anything is transferred into it.
    if (await isFolder(at)) await removeLeftovers(at);
    else {
      await rm(at, { force: true });
      await mkdir(at);
    }
    this.#made.add(path);
  }
}

/** And no link to one. */
export async function isFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
