import {
  decodeSnapshot,
  decodeTargets,
  decodeTimestamp,
  newestTrustFile,
  type SigningKey,
  signDocument,
  signOnline,
  type Targets,
  targetPath,
} from '@go-agent/protocol/trust';
import { type BundleZip, hex } from './bundle-zip.ts';
import type { TrustFiles, World } from './world.ts';

/** The documents that each client fetches, which is all but roots. */
export const FETCHED = ['timestamp', 'snapshot', 'targets'] as const;
export type Fetched = (typeof FETCHED)[number];

/** The name of the newest document of a role. */
export function fileOf(files: TrustFiles, role: Fetched): string {
  return role === 'timestamp' ? 'timestamp.json' : (newestTrustFile(files.keys(), role) ?? '');
}

export function documentOf(files: TrustFiles, role: Fetched): Buffer {
  return files.get(fileOf(files, role)) ?? Buffer.alloc(0);
}

/** The same files but one. Without bytes, it is missing. */
export function withFile(files: TrustFiles, name: string, bytes: Buffer | undefined): TrustFiles {
  const changed = new Map(files);
  if (bytes) changed.set(name, bytes);
  else changed.delete(name);
  return changed;
}

/** Whether two texts say the same to whoever parses them: spaces, and how the hex digits of a signature are written, mean nothing. */
export function meansTheSame(a: Buffer, b: Buffer): boolean {
  const meaning = (bytes: Buffer) => {
    const { signed, signatures } = JSON.parse(String(bytes)) as { signed: unknown; signatures: unknown };
    return JSON.stringify([signed, signatures], (key, value: unknown) =>
      key === 'sig' && typeof value === 'string' ? Buffer.from(value, 'hex').toString('hex') : value,
    );
  };
  try {
    return meaning(a) === meaning(b);
  } catch {
    return false;
  }
}

/** The newest list with more in it. */
export function listing(world: World, zips: readonly BundleZip[]): Targets {
  const list = decodeTargets(JSON.parse(String(documentOf(world.newest, 'targets')))).signed;
  const entries = zips.map(({ name, bytes, md5 }) => [
    targetPath(name, md5),
    { length: bytes.length, hashes: { sha256: hex('sha256', bytes) } },
  ]);
  return {
    ...list,
    version: list.version + 1,
    targets: { ...list.targets, ...Object.fromEntries(entries) },
  };
}

/** A list signed by whomever, and by the server's own keys whatever follows from it: the server is the enemy's. */
export function servedList(world: World, list: Targets, keys: readonly SigningKey[]): TrustFiles {
  const files = withFile(world.newest, `${list.version}.targets.json`, signDocument(list, keys));
  return new Map([...files, ...signOnline({ files, keys: world.release.online, now: world.now + 60_000 })]);
}

/** A snapshot and a timestamp around a list, signed by any keys, with any times to live (ms). */
export function around(
  world: World,
  targets: Buffer,
  keys: { readonly snapshot: readonly SigningKey[]; readonly timestamp: readonly SigningKey[] },
  expires: { readonly snapshot?: string; readonly timestamp?: string } = {},
): TrustFiles {
  const meta = (bytes: Buffer, version: number) => ({
    version,
    length: bytes.length,
    hashes: { sha256: hex('sha256', bytes) },
  });
  // What is forged may be no proper document.
  const { version } = (JSON.parse(String(targets)) as { signed: Targets }).signed;
  const oldSnapshot = decodeSnapshot(JSON.parse(String(documentOf(world.newest, 'snapshot')))).signed;
  const oldTimestamp = decodeTimestamp(JSON.parse(String(documentOf(world.newest, 'timestamp')))).signed;
  const snapshot = signDocument(
    {
      ...oldSnapshot,
      version: oldSnapshot.version + 1,
      expires: expires.snapshot ?? oldSnapshot.expires,
      meta: { 'targets.json': meta(targets, version) },
    },
    keys.snapshot,
  );
  const timestamp = signDocument(
    {
      ...oldTimestamp,
      version: oldTimestamp.version + 1,
      expires: expires.timestamp ?? oldTimestamp.expires,
      meta: { 'snapshot.json': meta(snapshot, oldSnapshot.version + 1) },
    },
    keys.timestamp,
  );
  return new Map([
    ...world.newest,
    [`${version}.targets.json`, targets],
    [`${oldSnapshot.version + 1}.snapshot.json`, snapshot],
    ['timestamp.json', timestamp],
  ]);
}
