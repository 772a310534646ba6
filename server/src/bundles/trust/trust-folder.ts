import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTrustFile } from '@go-agent/protocol/trust';
import { isMissing } from '../../http/missing-file.ts';

/** The metadata in a folder, by name; empty if there is no such folder. */
export async function readTrustFolder(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of await names(folder)) files.set(name, await readFile(join(folder, name)));
  return files;
}

/** Of metadata, what the maker of the releases signs; the rest is signed by each server for itself. */
export function madeByMaker(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  return new Map([...files].filter(([name]) => /\.(?:root|targets)\.json$/.test(name)));
}

/** Removes what a write that was cut has left. */
export async function removeUnfinished(folder: string): Promise<void> {
  const files = await readdir(folder);
  const left = files.filter((name) => name.endsWith('.tmp'));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}

async function names(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isTrustFile).toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
