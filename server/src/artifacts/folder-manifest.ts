import type { Stats } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManifestEntry, parseSha256Lines, SHA256_CHECKSUM, staysInTree } from '@go-agent/protocol';
import { isMissing } from '../http/missing-file.ts';
import { isUnfinished } from './unfinished-name.ts';

export interface ManifestOf {
  readonly jobFolder: string;
  /** Below the job's folder; empty is that itself. */
  readonly folder: string;
}

/**
 * What is in a folder, sorted, each folder before what is in it. A link that leaves the folder is listed as what it names,
 * one to nowhere not at all.
 */
export async function* folderManifest({ jobFolder, folder }: ManifestOf): AsyncGenerator<ManifestEntry> {
  const sums = await readSums(jobFolder);
  const prefix = folder === '' ? '' : `${folder}/`;
  yield* walk(join(jobFolder, folder), '', (path) => sums.get(prefix + path), []);
}

/** The job's SHA-256 list; empty if there is none. */
export async function readSums(jobFolder: string): Promise<ReadonlyMap<string, string>> {
  try {
    return parseSha256Lines(await readFile(join(jobFolder, SHA256_CHECKSUM), 'utf8'));
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
}

type SumOf = (path: string) => string | undefined;

/** @param above real folders on the way here, so that links do not lead in circles */
async function* walk(
  root: string,
  folder: string,
  sumOf: SumOf,
  above: readonly string[],
): AsyncGenerator<ManifestEntry> {
  const real = await realpath(join(root, folder));
  if (above.includes(real)) return;
  for (const name of (await readdir(join(root, folder))).toSorted()) {
    if (isUnfinished(name)) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    const entry = await entryAt(root, path, sumOf);
    if (entry === undefined) continue;
    yield entry;
    if (entry.kind === 'folder') yield* walk(root, path, sumOf, [...above, real]);
  }
}

async function entryAt(root: string, path: string, sumOf: SumOf): Promise<ManifestEntry | undefined> {
  const at = join(root, path);
  try {
    const own = await lstat(at);
    if (own.isSymbolicLink()) {
      const target = await readlink(at);
      if (staysInTree(path, target)) return { kind: 'link', path, target };
    }
    const { size, mode, ...found } = own.isSymbolicLink() ? await described(at) : describedAs(own);
    if (found.isFolder) return { kind: 'folder', path };
    if (!found.isFile) return undefined;
    // The list has what was sent under this name; of a link's target it knows another one.
    const sha256 = own.isSymbolicLink() ? undefined : sumOf(path);
    return { kind: 'file', path, size, mode, ...(sha256 === undefined ? {} : { sha256 }) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function described(path: string) {
  return describedAs(await stat(path));
}

function describedAs(stats: Stats) {
  return {
    isFolder: stats.isDirectory(),
    isFile: stats.isFile(),
    size: stats.size,
    mode: stats.mode & 0o777,
  };
}
