import { createHash } from 'node:crypto';
import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { rename, symlink } from 'node:fs/promises';
import { LARGEST_BATCHED_FILE, readTar, staysInTree, type TarFile } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { ArtifactPlaces } from './artifact-place.ts';
import { recordChecksums, type StoredFile } from './checksum-lists.ts';
import type { DiskSync } from './sync-disk.ts';
import { temporaryBeside } from './unfinished-name.ts';

export interface Batch {
  readonly jobFolder: string;
  /** A tar with names from the job's root. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly disk: DiskSync;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/**
 * Stores the entries of a tar, each replaced in one step and verified. What came before a failure stays, is on the disk and in the
 * checksum lists, so that a sender that asks needs to send the rest only.
 * @returns how many entries
 * @throws AppError `artifact-digest`, `artifact-save`; TarError; what `body` throws; what the file system reports
 */
export async function storeBatch({ jobFolder, body, disk, atMs }: Batch): Promise<number> {
  const places = new ArtifactPlaces(jobFolder);
  const stored: (StoredFile & { readonly at: string })[] = [];
  let count = 0;
  try {
    for await (const entry of readTar(body, { largestFile: LARGEST_BATCHED_FILE })) {
      const file = await storeEntry(entry, places);
      if (file !== undefined) stored.push(file);
      count += 1;
    }
  } finally {
    await disk.files(stored.map(({ at }) => at));
    await recordChecksums(jobFolder, stored, atMs);
  }
  return count;
}

async function storeEntry(entry: TarFile, places: ArtifactPlaces) {
  const at = await places.file(entry.path);
  switch (entry.kind) {
    case 'folder':
      await places.folder(entry.path);
      return undefined;
    case 'link':
      await storeLink(entry, at);
      return undefined;
    case 'file':
      return { path: entry.path, at, ...storeFile(entry, at) };
  }
}

/** Synchronous: for a small file the way through the thread pool, five times, costs ten times as much as the calls. */
function storeFile({ path, content, mode, sha256: announced }: TarFile, at: string) {
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (announced !== undefined && announced !== sha256) {
    throw new AppError('artifact-digest', `The SHA-256 of ${path} is ${sha256}, ${announced} was announced`);
  }
  const temporary = temporaryBeside(at);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    try {
      for (let written = 0; written < content.length; ) written += writeSync(file, content, written);
      fchmodSync(file, storedMode(mode));
    } finally {
      closeSync(file);
    }
    renameSync(temporary, at);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  return { sha256, md5: createHash('md5').update(content).digest('hex') };
}

async function storeLink({ path, target = '' }: TarFile, at: string): Promise<void> {
  if (!staysInTree(path, target)) {
    throw new AppError(
      'artifact-save',
      `The link ${path} to ${JSON.stringify(target)} leaves the job's artifacts`,
    );
  }
  const temporary = temporaryBeside(at);
  await symlink(target, temporary);
  await rename(temporary, at);
}

/** The server must be able to read and replace what it stores. */
export function storedMode(mode: number): number {
  return (mode & 0o777) | 0o600;
}
