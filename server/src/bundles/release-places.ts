import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { isMissing } from '../http/missing-file.ts';

/** Where releases lie beside the one at the top of the folder: `releases/<version>/<bundle>.zip`. */
export const RELEASES = 'releases';

export interface BundlePlace {
  readonly name: BundleName;
  readonly path: string;
}

/** The zips of each release that a folder may have, whether they are there or not; the one at the top comes first. */
export async function releasePlaces(folder: string): Promise<BundlePlace[][]> {
  const kept = await readKept(join(folder, RELEASES));
  const folders = [folder, ...kept.map((name) => join(folder, RELEASES, name))];
  return folders.map((place) =>
    Object.values(BundleName).map((name) => ({ name, path: join(place, `${name}.zip`) })),
  );
}

async function readKept(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .toSorted();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
