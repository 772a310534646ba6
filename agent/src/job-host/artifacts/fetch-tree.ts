import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { artifactFilePath, LARGEST_BATCHED_FILE, type ManifestEntry, staysInTree } from '@go-agent/protocol';
import { hashFile } from '@go-agent/runtime/core';
import { removeTree } from '../materials/remove-tree.ts';
import { download } from './download.ts';
import { fetchBatch } from './fetch-batch.ts';
import type { Fetch, FetchResult } from './fetch-file.ts';
import { inParallel } from './in-parallel.ts';
import { FolderMaker } from './make-folder.ts';
import { putLink } from './put-link.ts';
import { readManifest } from './read-manifest.ts';
import { selectFiles, type WantedFile } from './select-files.ts';
import { removeLeftovers } from './temporary-beside.ts';

const LANES = 4;

/**
 * Gets a folder from our server file by file: what is here already and the same is left alone, small files come together, large
 * ones by themselves. What is here and not there stays, as with GoCD; what is of another kind here than there, a link for a folder
 * say, is replaced, and no link below the folder is followed. The folder itself may be a link, which the job's user made: no fetch of
 * the folder makes one in its own place.
 */
export async function fetchTree(fetch: Fetch): Promise<FetchResult> {
  const srcFile = fetch.srcFile.replaceAll('\\', '/').replace(/^\/+|\/+$/g, '');
  const manifest = await readManifest({ ...fetch, srcFile });
  if (manifest.kind !== 'manifest') return manifest;
  const name = posix.basename(srcFile) || fetch.jobIdentifier.buildName;
  const root = await makeRoot(fetch.target, name);
  const tree = new Tree({ ...fetch, srcFile, target: root });
  const failures: string[] = [];
  await inParallel(selectFiles(tree.wanted(manifest.entries)), LANES, async (selection) => {
    const failure =
      selection.length === 1 && selection[0] && isLarge(selection[0])
        ? await tree.fetchLarge(selection[0])
        : await fetchBatch({ ...fetch, srcFile, target: root }, selection);
    if (failure !== undefined) failures.push(failure);
  });
  const [message] = failures;
  if (message !== undefined) return { kind: 'failed', message };
  return { kind: 'done', changed: tree.changed };
}

async function makeRoot(target: string, name: string): Promise<string> {
  const root = join(target, name);
  await mkdir(target, { recursive: true });
  const isLink = (await lstat(root).catch(() => undefined))?.isSymbolicLink();
  // Of a link that leads to no folder this throws: what the user wanted there is not known.
  if (isLink) {
    await mkdir(root, { recursive: true });
    await removeLeftovers(root);
  } else await new FolderMaker(target).make(name);
  return root;
}

function isLarge({ size }: WantedFile): boolean {
  return size > LARGEST_BATCHED_FILE;
}

class Tree {
  readonly #fetch: Fetch;
  readonly #folders: FolderMaker;
  /** Whether anything had to be written. */
  changed = false;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
    this.#folders = new FolderMaker(fetch.target);
  }

  /** Makes folders and links on the way, and leaves out the files that are here. */
  async *wanted(entries: readonly ManifestEntry[]): AsyncGenerator<WantedFile> {
    for (const entry of entries) {
      this.#fetch.context.cancelled.throwIfAborted();
      const at = join(this.#fetch.target, entry.path);
      await this.#folders.make(entry.kind === 'folder' ? entry.path : parentOf(entry.path));
      if (entry.kind === 'link') await this.#link(entry.path, entry.target, at);
      if (entry.kind !== 'file') continue;
      const found = await lstat(at).catch(() => undefined);
      if (await this.#isSame(entry, at, found)) continue;
      if (found?.isDirectory()) await removeTree(at);
      this.changed = true;
      yield entry;
    }
  }

  /** @returns why it could not be fetched */
  async fetchLarge({ path, mode }: WantedFile): Promise<string | undefined> {
    const { jobIdentifier, srcFile, target, verifier, context } = this.#fetch;
    const source = posix.join(srcFile, path);
    const expected = verifier.expected(source);
    const result = await download(
      {
        path: artifactFilePath(jobIdentifier, source),
        target: join(target, path),
        mode,
        algorithm: expected?.algorithm ?? 'md5',
        canResume: expected !== undefined,
        verify: (hex) => verifier.verify(source, hex),
      },
      context,
    );
    return result.kind === 'done'
      ? undefined
      : `the server answered ${result.status} for ${source}: ${result.said}`;
  }

  async #link(path: string, target: string, at: string): Promise<void> {
    if (!staysInTree(path, target))
      throw new Error(`The link ${path} to ${target} leaves the artifact's folder`);
    if (await putLink(target, at)) this.changed = true;
  }

  async #isSame({ path, size, mode }: WantedFile, at: string, found: Stats | undefined): Promise<boolean> {
    const expected = this.#fetch.verifier.expected(posix.join(this.#fetch.srcFile, path));
    if (expected === undefined || !found?.isFile() || found.size !== size) return false;
    if ((await sumOf(at, found, expected.algorithm)) !== expected.hex) return false;
    if (((found.mode ^ mode) & 0o100) !== 0) await chmod(at, mode);
    return true;
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

async function sumOf(path: string, { size }: Stats, algorithm: 'md5' | 'sha256'): Promise<string> {
  if (size > LARGEST_BATCHED_FILE) return hashFile(path, algorithm);
  return createHash(algorithm)
    .update(await readFile(path))
    .digest('hex');
}
