import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrustRole } from '@go-agent/protocol/trust';
import { AppError, writeFileAtomic } from '@go-agent/runtime/core';
import {
  generateKeys,
  generateOnlineKeys,
  type KeyRole,
  keepRetired,
  readKeyFolder,
  writeKeys,
} from './key-folder.ts';
import { firstRoot, type NamedKey, namedKeys, nextRoot, readNewestRoot } from './root-document.ts';

export interface MakeKeys {
  readonly folder: string;
  /** Default 3 root keys, of which 2 must sign. */
  readonly rootKeys?: number;
  readonly threshold?: number;
  /** Ms since the epoch. */
  readonly now: number;
  readonly days?: number | undefined;
}

/**
 * Makes keys for all roles and the first root.
 * @throws AppError release-keys if the folder has keys already
 */
export async function makeKeys(options: MakeKeys): Promise<{ readonly root: string }> {
  const { folder, rootKeys = 3, threshold = Math.min(2, rootKeys), now, days } = options;
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw new AppError('release-keys', `${folder} is not empty. Remedy: name a new folder for the keys`);
  const root = generateKeys(rootKeys);
  const targets = generateKeys(1);
  const online = generateOnlineKeys();
  const keys = { root, targets, ...online };
  const bytes = firstRoot({ keys, threshold, signers: root, now, days });
  await writeKeys(folder, { root, targets, online });
  return { root: await writeRoot(folder, '1.root.json', bytes) };
}

export interface RotateKeys {
  readonly folder: string;
  /** The roles that get new keys. None: only a later date of expiry. */
  readonly replace: readonly KeyRole[];
  /** Ms since the epoch. */
  readonly now: number;
  readonly days?: number | undefined;
}

/**
 * Makes the next root. Keys that are replaced go to `retired/`.
 * @throws AppError release-keys
 */
export async function rotateKeys({
  folder,
  replace,
  now,
  days,
}: RotateKeys): Promise<{ readonly root: string }> {
  const old = await readKeyFolder(folder);
  const previous = readNewestRoot(old.roots);
  const made = {
    root: replace.includes('root') ? generateKeys(previous.roles.root.keyids.length) : [],
    targets: replace.includes('targets') ? generateKeys(1) : [],
    online: replace.includes('online') ? generateOnlineKeys() : undefined,
  };
  // Of roles that keep their keys, some may be elsewhere: the root knows them all.
  const named = (role: TrustRole, keys: readonly NamedKey[] = []) =>
    keys.length > 0 ? keys : namedKeys(previous, role);
  const bytes = nextRoot({
    previous,
    keys: {
      root: named('root', made.root),
      targets: named('targets', made.targets),
      snapshot: named('snapshot', made.online?.snapshot),
      timestamp: named('timestamp', made.online?.timestamp),
    },
    threshold: previous.roles.root.threshold,
    signers: [...old.root, ...made.root],
    now,
    days,
  });
  // New keys first, then the root that names them: one that is named and lost could not be replaced.
  const retired: string[] = [];
  for (const role of replace) retired.push(...(await keepRetired(folder, role, now)));
  await writeKeys(folder, made);
  const file = await writeRoot(folder, `${previous.version + 1}.root.json`, bytes);
  for (const name of retired.filter((name) => name !== 'online.json')) await rm(join(folder, name));
  return { root: file };
}

async function writeRoot(folder: string, name: string, bytes: Buffer): Promise<string> {
  await mkdir(join(folder, 'roots'), { recursive: true });
  const file = join(folder, 'roots', name);
  await rm(file, { force: true });
  await writeFileAtomic(file, bytes);
  return file;
}
