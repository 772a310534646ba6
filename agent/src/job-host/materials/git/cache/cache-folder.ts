// Where the machine's object cache keeps what it has of each repository.

import { createHash } from 'node:crypto';
import { join } from 'node:path';

export interface CacheFolder {
  /** A bare mirror of branches and tags. Absolute, as are all paths here. */
  readonly mirror: string;
  /** Holds a mirror until it is whole. */
  readonly unfinished: string;
  /** Whoever writes to the mirror, copies from it or removes it holds this lock. */
  readonly lock: string;
}

/** The folder of all mirrors. */
export function gitCacheFolder(home: string): string {
  return join(home, 'data', 'git-cache');
}

/** @param url without credentials */
export function cacheFolderOf(home: string, url: string): CacheFolder {
  const plain = url.replace(/\/+$/, '');
  const fingerprint = createHash('sha256').update(plain).digest('hex').slice(0, 32);
  // The repository's name is for the eyes of those who look at the folder.
  const [, name = ''] = /([^/:]+?)(?:\.git)?$/.exec(plain) ?? [];
  const readable = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 40);
  const path = join(gitCacheFolder(home), `${readable}-${fingerprint}`);
  return { mirror: `${path}.git`, unfinished: `${path}.new`, lock: `${path}.lock` };
}

/** A path of this machine is no farther away than a cache would be. */
export function isWorthCaching(url: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(url) || /^[^/\\:]{2,}:/.test(url);
}
