import type { Stats } from 'node:fs';
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { staysInTree } from '@go-agent/protocol';
import { isTemporary } from './temporary-beside.ts';

/** Something to upload. */
export type UploadEntry =
  | {
      readonly kind: 'file';
      /** Absolute. */
      readonly source: string;
      /** Among the artifacts, with `/`. */
      readonly path: string;
      readonly size: number;
      readonly mode: number;
    }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/**
 * A file, or all that is in a folder. Links to what is in the same tree are kept; of others goes what they name, as GoCD does it,
 * and those to nowhere are passed over, as is what a fetch that was killed has left. A folder is named only if it is empty: the others come with what is in them.
 * @param source absolute path
 * @param path among the artifacts
 */
export async function* listEntries(source: string, path: string): AsyncGenerator<UploadEntry> {
  const stats = await stat(source);
  if (stats.isFile()) yield fileEntry(source, path, stats);
  if (stats.isDirectory()) yield* new Tree(source, path).walk('', []);
}

function fileEntry(source: string, path: string, { size, mode }: Stats): UploadEntry {
  return { kind: 'file', source, path, size, mode: mode & 0o777 };
}

class Tree {
  readonly #root: string;
  readonly #path: string;

  constructor(root: string, path: string) {
    this.#root = root;
    this.#path = path;
  }

  /** @param above real folders on the way here, so that links do not lead in circles */
  async *walk(folder: string, above: readonly string[]): AsyncGenerator<UploadEntry> {
    const found = await readdir(join(this.#root, folder));
    const names = found.filter((name) => !isTemporary(name)).toSorted();
    if (names.length === 0) yield { kind: 'folder', path: this.#placeOf(folder) };
    const real = await realpath(join(this.#root, folder));
    if (above.includes(real)) return;
    for (const name of names)
      yield* this.#entry(folder === '' ? name : `${folder}/${name}`, [...above, real]);
  }

  async *#entry(inner: string, above: readonly string[]): AsyncGenerator<UploadEntry> {
    const source = join(this.#root, inner);
    const own = await lstat(source);
    const found = own.isSymbolicLink() ? await stat(source).catch(() => undefined) : own;
    if (found === undefined) return;
    if (own.isSymbolicLink()) {
      const target = await readlink(source);
      if (staysInTree(inner, target)) {
        yield { kind: 'link', path: this.#placeOf(inner), target };
        return;
      }
    }
    if (found.isFile()) yield fileEntry(source, this.#placeOf(inner), found);
    else if (found.isDirectory()) yield* this.walk(inner, above);
  }

  #placeOf(inner: string): string {
    return inner === '' ? this.#path : `${this.#path}/${inner}`;
  }
}
