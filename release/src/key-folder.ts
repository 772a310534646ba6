import { copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeOnlineKeys,
  decodeSigningKeys,
  generateSigningKey,
  isTrustFile,
  type OnlineKeys,
  type SigningKey,
} from '@go-agent/protocol/trust';
import { AppError, writeFileAtomic } from '@go-agent/runtime/core';

/**
 * The release maker's keys: `root-<id>.json` and `targets-<id>.json` with one key each, `online.json` for the servers, and
 * `roots/` with all root documents so far. Files of keys may be kept elsewhere and brought back when they are needed.
 */
export interface KeyFolder {
  readonly root: readonly SigningKey[];
  readonly targets: readonly SigningKey[];
  readonly online: OnlineKeys | undefined;
  /** `1.root.json`, … */
  readonly roots: ReadonlyMap<string, Buffer>;
}

export type KeyRole = 'root' | 'targets' | 'online';

/** @throws AppError release-keys if there is no such folder or a file of it is damaged */
export async function readKeyFolder(folder: string): Promise<KeyFolder> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new AppError(
      'release-keys',
      `There is no folder of keys ${folder}. Remedy: make keys with --init-keys`,
      { cause },
    );
  });
  const keysOf = async (role: 'root' | 'targets') =>
    (
      await Promise.all(
        names
          .filter((name) => name.startsWith(`${role}-`) && name.endsWith('.json'))
          .map((name) => decodeFile(join(folder, name), decodeSigningKeys)),
      )
    ).flat();
  const online = names.includes('online.json')
    ? await decodeFile(join(folder, 'online.json'), decodeOnlineKeys)
    : undefined;
  return {
    root: await keysOf('root'),
    targets: await keysOf('targets'),
    online,
    roots: await readTrustFiles(join(folder, 'roots')),
  };
}

/** The documents in a folder, by file name; none if there is no such folder. */
export async function readTrustFiles(folder: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(folder).catch(() => [])).filter(isTrustFile);
  const entries = names.map(async (name) => [name, await readFile(join(folder, name))] as const);
  return new Map(await Promise.all(entries));
}

export function generateKeys(count: number): SigningKey[] {
  return Array.from({ length: count }, generateSigningKey);
}

export function generateOnlineKeys(): OnlineKeys {
  return { snapshot: generateKeys(1), timestamp: generateKeys(1) };
}

/** Adds keys to a folder, readable by their owner only. */
export async function writeKeys(
  folder: string,
  keys: { readonly [Role in KeyRole]?: KeyFolder[Role] },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const role of ['root', 'targets'] as const) {
    for (const key of keys[role] ?? []) {
      await writeJson(join(folder, `${role}-${key.keyid.slice(0, 8)}.json`), [key]);
    }
  }
  if (keys.online) await writeJson(join(folder, 'online.json'), keys.online);
}

/** Keeps a copy of the files of a role's keys in `retired/`. Returns their names. */
export async function keepRetired(folder: string, role: KeyRole, now: number): Promise<string[]> {
  const aside = join(folder, 'retired');
  await mkdir(aside, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter(
    (name) =>
      name.endsWith('.json') && (role === 'online' ? name === 'online.json' : name.startsWith(`${role}-`)),
  );
  for (const name of names) await copyFile(join(folder, name), join(aside, `${now}-${name}`));
  return names;
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
}

async function decodeFile<T>(file: string, decode: (value: unknown) => T): Promise<T> {
  try {
    return decode(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new AppError('release-keys', `${file} is damaged. Remedy: bring it back from a copy`, { cause });
  }
}
