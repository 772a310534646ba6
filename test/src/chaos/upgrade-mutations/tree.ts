import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { hex } from './bundle-zip.ts';

/** Digest by path of all files below a folder but those of the paths that `except` matches; links by their target. */
export async function treeOf(folder: string, except: RegExp): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    const path = file.slice(folder.length + 1);
    if (except.test(path)) continue;
    if (entry.isFile()) found.set(path, hex('sha256', await readFile(file)));
    else if (entry.isSymbolicLink()) found.set(path, `-> ${await readlink(file)}`);
    else if (!entry.isDirectory()) found.set(path, 'special');
  }
  return found;
}

/** What differs, in words; undefined if nothing does. */
export function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string | undefined {
  const paths = [...new Set([...before.keys(), ...after.keys()])];
  const changed = paths.filter((path) => before.get(path) !== after.get(path));
  return changed.length === 0 ? undefined : changed.join(', ');
}
