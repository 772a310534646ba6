import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder that is kept because the next job may want it, and that can be made again. */
export interface KeptFolder {
  /** Absolute. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  /** Held by whoever uses the folder; absent where only the agent's own job does. */
  readonly lock?: string;
}

const MIRROR = /\.git$/;
/** A mirror whose clone was not finished. The next job with its repository begins it anew. */
const UNFINISHED = /\.new$/;

/**
 * The working folders of the pipelines, the mirrors of the object cache, and jobs that were put aside because they could not be
 * delivered. A link is never followed, at no level: what lies behind it is not the agent's.
 */
export async function listKeptFolders(home: string): Promise<readonly KeptFolder[]> {
  const [pipelines, mirrors, aside] = await Promise.all([
    foldersIn(join(home, 'pipelines'), (name) => !name.startsWith('.')),
    foldersIn(join(home, 'data', 'git-cache'), (name) => MIRROR.test(name)),
    foldersIn(join(home, 'jobs'), (name) => name.startsWith('aside-')),
  ]);
  const locked = mirrors.map((mirror) => ({ ...mirror, lock: mirror.path.replace(MIRROR, '.lock') }));
  return [...pipelines, ...locked, ...aside];
}

/** Where jobs that run as another user have their temporary files, a folder for each. */
export function scratchIn(home: string): string {
  return join(home, 'data', 'scratch');
}

/** Where folders that are removed lie. */
export function keptIn(home: string): readonly string[] {
  return [join(home, 'pipelines'), join(home, 'data', 'git-cache'), join(home, 'jobs'), scratchIn(home)];
}

/** What jobs have left that is of no use to the next: temporary files, and clones that were not finished. */
export async function listAbandoned(home: string): Promise<readonly Pick<KeptFolder, 'path' | 'lock'>[]> {
  const [scratch, unfinished] = await Promise.all([
    foldersIn(scratchIn(home), (name) => !name.startsWith('.')),
    foldersIn(join(home, 'data', 'git-cache'), (name) => UNFINISHED.test(name)),
  ]);
  return [...scratch, ...unfinished.map(({ path }) => ({ path, lock: path.replace(UNFINISHED, '.lock') }))];
}

export async function isRealFolder(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

async function foldersIn(parent: string, isKept: (name: string) => boolean): Promise<KeptFolder[]> {
  if (!(await isRealFolder(parent))) return [];
  const found: KeptFolder[] = [];
  for (const name of (await readdir(parent)).filter(isKept)) {
    const path = join(parent, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isDirectory()) found.push({ path, usedAt: stats.mtimeMs });
  }
  return found;
}
