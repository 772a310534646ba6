import { copyFile, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile, syncFolder, writeFileAtomic } from '@go-agent/runtime';
import { type CheckedRelease, checkRelease } from './check-release.ts';
import { fileSize } from './file-identity.ts';
import { RELEASES } from './release-places.ts';
import { mergeTrust } from './trust/merge-trust.ts';
import { readOnlineKeys } from './trust/read-online-keys.ts';
import { readTrust, refused, type Trust, type TrustFiles } from './trust/read-trust.ts';
import { madeByMaker, readTrustFolder } from './trust/trust-folder.ts';

export interface AddReleaseOptions {
  /** Of the release, as `npm run release` makes it. */
  readonly from: string;
  /** The folder that the server serves. */
  readonly to: string;
  /** Ms since the epoch. */
  readonly now: number;
}

export interface AddedRelease {
  readonly version: string;
  /** It was there before, whole. */
  readonly wasThere: boolean;
  readonly targetsVersion: number;
  readonly rootVersion: number;
  /** There was no root in `to` before: the one of the release was taken on trust. */
  readonly isFirst: boolean;
}

/**
 * Copies a release into the folder of a server, if the root there vouches for it: first everything is checked, then the
 * zips are put in place, then the metadata that names them. Done again after a crash, it goes on.
 * @throws AppError `release-refused`
 */
export async function addRelease({ from, to, now }: AddReleaseOptions): Promise<AddedRelease> {
  const present = madeByMaker(await readTrustFolder(join(to, 'metadata')));
  const incoming = madeByMaker(await readTrustFolder(join(from, 'metadata')));
  if (incoming.size === 0) throw refused(`${from} has no folder metadata; make it with npm run release`);
  const { files, trust } = checkTrust(present, incoming, now);
  const release = await checkRelease(from, trust.targets);
  if (release === undefined) throw refused(`${from} has no bundle (agent.zip, agent-launcher.zip)`);
  const folder = join(to, RELEASES, release.version);
  const wasThere = await isThere(folder, release);
  const keys = await keysFor(from, to, trust);
  if (!wasThere) await putInPlace(release, folder);
  if (keys !== undefined) {
    await mkdir(join(to, 'keys'), { recursive: true, mode: 0o700 });
    await writeFileAtomic(join(to, 'keys', 'online.json'), keys, { mode: 0o600 });
  }
  await mkdir(join(to, 'metadata'), { recursive: true });
  for (const [name, bytes] of rootsFirst(files))
    if (!present.has(name)) await writeFileAtomic(join(to, 'metadata', name), bytes);
  return {
    version: release.version,
    wasThere,
    targetsVersion: trust.targets.version,
    rootVersion: trust.root.version,
    isFirst: present.size === 0,
  };
}

/** The metadata as it would be, if what came continues what is there. */
function checkTrust(
  present: TrustFiles,
  incoming: TrustFiles,
  now: number,
): { readonly files: TrustFiles; readonly trust: Trust } {
  const { files, anew } = mergeTrust(present, incoming);
  if (anew) throw refused('it is of another maker: none of its roots is the one that this server has');
  // A crash may have come after the roots and before the targets.
  const hasTargets = [...present.keys()].some((name) => name.endsWith('.targets.json'));
  const before = hasTargets ? readTrust(present) : undefined;
  const own = readTrust(incoming);
  const trust = readTrust(files);
  if (before !== undefined && own.targets.version < before.targets.version) {
    throw refused(
      `its metadata is old (${own.targets.version}.targets.json, and here is ${before.targets.version}). ` +
        'A release that is to come back has to be signed again: npm run release -- --add-to FOLDER',
    );
  }
  for (const { _type, expires } of [trust.root, trust.targets]) {
    if (Date.parse(expires) <= now)
      throw refused(`its ${_type} document expired on ${expires}; have it signed again`);
  }
  return { files, trust };
}

/** @throws AppError `release-refused` if there is something else under this version */
async function isThere(folder: string, { version, zips }: CheckedRelease): Promise<boolean> {
  const found: boolean[] = [];
  for (const { name, md5 } of zips) {
    const path = join(folder, `${name}.zip`);
    if ((await fileSize(path)) === undefined) found.push(false);
    else if ((await hashFile(path, 'md5')) === md5) found.push(true);
    else
      throw refused(
        `release ${version} is here already, with another ${name}.zip. Another content needs another version`,
      );
  }
  return found.every(Boolean);
}

/** All zips at once: a folder that is there is whole. */
async function putInPlace({ zips }: CheckedRelease, folder: string): Promise<void> {
  const parent = join(folder, '..');
  const temporary = join(parent, `.${process.hrtime.bigint()}.tmp`);
  await mkdir(temporary, { recursive: true });
  try {
    for (const { name, path } of zips) {
      const copy = join(temporary, `${name}.zip`);
      await copyFile(path, copy);
      await using file = await open(copy, 'r+');
      await file.sync();
    }
    await syncFolder(temporary);
    // What another run has left in part.
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
    await syncFolder(parent);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The keys to put in place; undefined if those that are there will do. */
async function keysFor(from: string, to: string, { root }: Trust): Promise<Buffer | undefined> {
  const isGood = await readOnlineKeys(join(to, 'keys', 'online.json'), root).then(
    () => true,
    () => false,
  );
  if (isGood) return undefined;
  const path = join(from, 'keys', 'online.json');
  await readOnlineKeys(path, root);
  return readFile(path);
}

/** Roots lead to the targets, so they must be there before. */
function rootsFirst(files: TrustFiles): [string, Buffer][] {
  const isRoot = (name: string) => name.endsWith('.root.json');
  return [...files].toSorted(
    ([a], [b]) => Number(isRoot(b)) - Number(isRoot(a)) || Number.parseInt(a, 10) - Number.parseInt(b, 10),
  );
}
