import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnfinished } from './unfinished-name.ts';

export interface ListedFile {
  readonly name: string;
  readonly url: string;
  readonly type: 'file';
}

export interface ListedFolder {
  readonly name: string;
  readonly url: string;
  readonly type: 'folder';
  readonly files: readonly ListedEntry[];
}

export type ListedEntry = ListedFile | ListedFolder;

/** The `.json` listing of a folder, sorted by name (server-config-api 3.4). `url`: of the folder, without a slash at its end. */
export async function listArtifacts(folder: string, url: string): Promise<ListedEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const shown = entries
    .filter((entry) => !isUnfinished(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return Promise.all(
    shown.map(async (entry): Promise<ListedEntry> => {
      const own = `${url}/${encodeURIComponent(entry.name)}`;
      if (!entry.isDirectory()) return { name: entry.name, url: own, type: 'file' };
      return {
        name: entry.name,
        url: own,
        type: 'folder',
        files: await listArtifacts(join(folder, entry.name), own),
      };
    }),
  );
}
