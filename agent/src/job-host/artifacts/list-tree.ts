import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isTemporary } from './temporary-beside.ts';

export interface TreeEntry {
  /** Absolute. */
  readonly source: string;
  /** As in the zip: it begins with the name of the file or folder itself. `/` between segments. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes. */
  readonly size: number;
  readonly mode: number;
  readonly modified: Date;
}

/** A file, or a folder with all that is in it; links are followed. Those to nowhere, and what a fetch that was killed has left, are passed over. */
export async function* listTree(
  path: string,
  name = basename(path),
  above: readonly string[] = [],
): AsyncGenerator<TreeEntry> {
  const stats = await stat(path);
  const isFolder = stats.isDirectory();
  if (!isFolder && !stats.isFile()) return;
  const size = isFolder ? 0 : stats.size;
  yield { source: path, name, isFolder, size, mode: stats.mode, modified: stats.mtime };
  if (!isFolder) return;
  const real = await realpath(path);
  for (const child of (await readdir(path)).toSorted()) {
    if (isTemporary(child)) continue;
    const childPath = join(path, child);
    const target = await realpath(childPath).catch(() => undefined);
    if (target === undefined || target === real || above.includes(target)) continue;
    yield* listTree(childPath, `${name}/${child}`, [...above, real]);
  }
}
