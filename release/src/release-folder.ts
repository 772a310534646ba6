import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BundleName } from '@go-agent/protocol/launch-contract';
import { isTrustFile, signOnline, type Targets } from '@go-agent/protocol/trust';
import { AppError, syncFolder, writeFileAtomic } from '@go-agent/runtime/core';
import { type BundleTarget, bundleTarget } from './bundle-target.ts';
import { type KeyFolder, readTrustFiles, writeKeys } from './key-folder.ts';
import { readNewestRoot } from './root-document.ts';
import { readNewestTargets, signTargets } from './targets-document.ts';

/** How many lists, and statements about them, are kept: somebody may be reading the last but one. */
const KEPT = 3;

export interface ReleaseFolderOptions {
  /** What a server offers from (`--bundles`). Made if need be. */
  readonly folder: string;
  readonly keys: KeyFolder;
  /** Ms since the epoch. */
  readonly now: number;
}

export interface AddRelease extends ReleaseFolderOptions {
  readonly version: string;
  /** Zip files to add. */
  readonly bundles: Partial<Readonly<Record<BundleName, string>>>;
  /** Default false: what was signed before stays so, and a copy of each release is kept. */
  readonly onlyThis?: boolean;
}

/**
 * Adds a release and makes it the newest. The metadata is there before the bundles, so that no server offers what it
 * cannot vouch for.
 * @throws AppError release-folder, release-keys
 */
export async function addRelease(options: AddRelease): Promise<readonly BundleTarget[]> {
  const { folder, bundles, version, onlyThis = false } = options;
  const given = Object.values(BundleName).flatMap((name) => {
    const zip = bundles[name];
    return zip === undefined ? [] : [{ name, zip }];
  });
  const added = await Promise.all(given.map(({ name, zip }) => bundleTarget(name, zip)));
  await changeTargets(options, (targets) => ({
    ...(onlyThis ? {} : targets),
    ...Object.fromEntries(added.map(({ path, target }) => [path, target])),
  }));
  // Plugins alone are no release: they go with the one at the top.
  const alone = given.every(({ name }) => name === BundleName.plugins);
  const folders = onlyThis || alone ? [folder] : [join(folder, 'releases', version), folder];
  for (const target of folders) {
    await mkdir(target, { recursive: true });
    for (const { name, zip } of given) await copyInPlace(zip, join(target, `${name}.zip`));
  }
  return added;
}

/** Takes all bundles of a version off the list. Agents that run them go on; no other will run them. */
export async function removeRelease(
  options: ReleaseFolderOptions & { readonly version: string },
): Promise<readonly string[]> {
  const removed: string[] = [];
  await changeTargets(options, (targets) => {
    const entries = Object.entries(targets);
    removed.push(
      ...entries.filter(([, { custom }]) => custom?.version === options.version).map(([path]) => path),
    );
    return Object.fromEntries(entries.filter(([path]) => !removed.includes(path)));
  });
  if (removed.length === 0)
    throw new AppError('release-folder', `${options.folder} has no release ${options.version}`);
  await rm(join(options.folder, 'releases', options.version), { recursive: true, force: true });
  return removed;
}

/** Signs the list again as it is: after a new root, or before it expires. */
export async function renewRelease(options: ReleaseFolderOptions): Promise<void> {
  await changeTargets(options, (targets) => targets);
}

async function changeTargets(
  { folder, keys, now }: ReleaseFolderOptions,
  change: (targets: Targets['targets']) => Targets['targets'],
): Promise<void> {
  const metadata = join(folder, 'metadata');
  await mkdir(metadata, { recursive: true });
  const files = await readTrustFiles(metadata);
  const root = readNewestRoot(keys.roots);
  const { version: previousVersion, targets } = readNewestTargets(files);
  const list = signTargets({ targets: change(targets), previousVersion, root, keys: keys.targets, now });
  const written = new Map([...keys.roots, [list.name, list.bytes]]);
  if (keys.online) {
    const all = new Map([...files, ...written]);
    for (const [name, bytes] of signOnline({ files: all, keys: keys.online, now })) written.set(name, bytes);
    await writeKeys(join(folder, 'keys'), { online: keys.online });
  }
  for (const [name, bytes] of written) {
    if (!files.get(name)?.equals(bytes)) await writeFileAtomic(join(metadata, name), bytes);
  }
  await removeOld(metadata);
}

async function removeOld(metadata: string): Promise<void> {
  const names = (await readdir(metadata)).filter(isTrustFile);
  for (const role of ['targets', 'snapshot']) {
    const own = names.filter((name) => name.endsWith(`.${role}.json`));
    const old = own.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10)).slice(KEPT);
    for (const name of old) await rm(join(metadata, name), { force: true });
  }
}

async function copyInPlace(from: string, to: string): Promise<void> {
  const temporary = `${to}.${randomUUID()}.new`;
  await copyFile(from, temporary);
  await rename(temporary, to);
  await syncFolder(join(to, '..'));
}
