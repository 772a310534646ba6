import { createHash } from 'node:crypto';
import { parseJson } from '../decode/parse-json.ts';
import {
  decodeRoot,
  decodeSnapshot,
  decodeTargets,
  decodeTimestamp,
  expiryDate,
  goodSignatures,
  type MetaFile,
  type Root,
  type SignedDocument,
  type Snapshot,
  SPEC_VERSION,
  signDocument,
  type Timestamp,
} from './metadata.ts';
import type { OnlineKeys, SigningKey } from './signing-key.ts';
import { newestTrustFile } from './trust-files.ts';

const DAY_MS = 86_400_000;
/** How long what a server signs is valid, in ms. It is signed anew when half of that is over. */
export const TIMESTAMP_MS = DAY_MS;
export const SNAPSHOT_MS = 30 * DAY_MS;

export interface SignOnline {
  /** The metadata folder: content by file name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly keys: OnlineKeys;
  /** Ms since the epoch. */
  readonly now: number;
  /** Sign anew also what is fresh: after a restart, since a restored backup may have brought back what was replaced. */
  readonly renew?: boolean;
}

/**
 * What a server adds to the metadata of a release maker: it says which targets are the newest, and that this is so today.
 * Returns the files to write, in this order; none if all is fresh. Versions are seconds since the epoch, so that a server
 * that has lost what it signed before goes on with higher ones.
 * @throws Error with a sentence for the operator if the folder is not whole or `keys` are not those that the root names
 */
export function signOnline({ files, keys, now, renew = false }: SignOnline): Map<string, Buffer> {
  const root = readNewest(files, 'root', decodeRoot).document.signed;
  const targets = readNewest(files, 'targets', decodeTargets);
  checkKeys(root, 'snapshot', keys.snapshot);
  checkKeys(root, 'timestamp', keys.timestamp);
  const signed = new Map<string, Buffer>();
  const snapshot = currentSnapshot(files, root, metaOf(targets.bytes, targets.document.signed.version), now);
  const meta = (renew ? undefined : snapshot.kept) ?? snapshot.sign(keys.snapshot, signed);
  const stamp = files.get('timestamp.json');
  const old = stamp === undefined ? undefined : tryRead(stamp, decodeTimestamp);
  const kept =
    !renew &&
    old !== undefined &&
    sameMeta(old.signed.meta['snapshot.json'], meta) &&
    isFresh(old, root, 'timestamp', now + TIMESTAMP_MS / 2);
  if (kept) return signed;
  const timestamp: Timestamp = {
    _type: 'timestamp',
    spec_version: SPEC_VERSION,
    version: nextVersion(old?.signed.version ?? 0, now),
    expires: expiryDate(now + TIMESTAMP_MS),
    meta: { 'snapshot.json': meta },
  };
  return signed.set('timestamp.json', signDocument(timestamp, keys.timestamp));
}

/** What to say about the snapshot that is there, if it will do; else how to make one. */
function currentSnapshot(files: SignOnline['files'], root: Root, targets: MetaFile, now: number) {
  const name = newestTrustFile(files.keys(), 'snapshot');
  const bytes = name === undefined ? undefined : files.get(name);
  const old = bytes === undefined ? undefined : tryRead(bytes, decodeSnapshot);
  const fits =
    old !== undefined &&
    sameMeta(old.signed.meta['targets.json'], targets) &&
    isFresh(old, root, 'snapshot', now + SNAPSHOT_MS / 2);
  return {
    kept: fits && bytes !== undefined ? metaOf(bytes, old.signed.version) : undefined,
    sign(keys: readonly SigningKey[], into: Map<string, Buffer>): MetaFile {
      // By the name, since what is in it may be damaged.
      const version = nextVersion(Number.parseInt(name ?? '0', 10), now);
      const snapshot: Snapshot = {
        _type: 'snapshot',
        spec_version: SPEC_VERSION,
        version,
        expires: expiryDate(now + SNAPSHOT_MS),
        meta: { 'targets.json': targets },
      };
      const made = signDocument(snapshot, keys);
      into.set(`${version}.snapshot.json`, made);
      return metaOf(made, version);
    },
  };
}

/** Higher than the last one, whatever the clock says. */
function nextVersion(last: number, now: number): number {
  return Math.max(last + 1, Math.floor(now / 1000));
}

function isFresh(
  document: SignedDocument<Snapshot | Timestamp>,
  root: Root,
  role: 'snapshot' | 'timestamp',
  until: number,
): boolean {
  return (
    Date.parse(document.signed.expires) > until &&
    goodSignatures(document, root, role).length >= root.roles[role].threshold
  );
}

function checkKeys(root: Root, role: 'snapshot' | 'timestamp', keys: readonly SigningKey[]): void {
  const { keyids, threshold } = root.roles[role];
  const known = keys.filter(({ keyid }) => keyids.includes(keyid)).length;
  if (known < threshold) {
    throw new Error(
      `keys/online.json has ${known} of the ${threshold} ${role} keys that ${root.version}.root.json asks for. ` +
        'Take both from the same release, or put the new keys into the root with npm run release -- --rotate-root',
    );
  }
}

function metaOf(bytes: Uint8Array, version: number): MetaFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { version, length: bytes.length, hashes: { sha256 } };
}

function sameMeta(a: MetaFile, b: MetaFile): boolean {
  return a.version === b.version && a.length === b.length && a.hashes.sha256 === b.hashes.sha256;
}

function readNewest<T>(
  files: SignOnline['files'],
  role: 'root' | 'targets',
  decode: (value: unknown) => SignedDocument<T>,
): { readonly document: SignedDocument<T>; readonly bytes: Uint8Array } {
  const name = newestTrustFile(files.keys(), role);
  const bytes = name === undefined ? undefined : files.get(name);
  if (bytes === undefined)
    throw new Error(`The metadata folder has no ${role} document (N.${role}.json): copy it from the release`);
  try {
    return { bytes, document: parseJson(new TextDecoder().decode(bytes), decode) };
  } catch (error) {
    throw new Error(`${name} of the metadata folder is damaged: copy it from the release`, { cause: error });
  }
}

/** A damaged document of the server's own is made anew. */
function tryRead<T>(bytes: Uint8Array, decode: (value: unknown) => T): T | undefined {
  try {
    return parseJson(new TextDecoder().decode(bytes), decode);
  } catch {
    return undefined;
  }
}
