import { createHash } from 'node:crypto';
import type { BundleManifest } from './launch-contract.ts';
import { type BundleName, LAUNCH_CONTRACT } from './launch-numbers.ts';

/** What {@link checkBundle} needs of a zip entry; an `adm-zip` entry is one. */
export interface BundleEntry {
  readonly entryName: string;
  readonly isDirectory: boolean;
  /** External attributes; the Unix mode is in the upper 16 bits. */
  readonly attr: number;
  readonly header: { readonly size: number };
  /** The uncompressed bytes; never more than `header.size`, or it throws. */
  getData(): Uint8Array;
}

export type CheckedBundle =
  | { readonly ok: true; readonly manifest: BundleManifest; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly ok: false; readonly reason: string };

/** Uncompressed size in bytes that a bundle may have in all. */
export const MAX_BUNDLE_BYTES = 256 * 1024 * 1024;
const MAX_BUNDLE_FILES = 10_000;
const MANIFEST = 'manifest.json';

/**
 * Decides whether a bundle may be unpacked and run: plain files only, under names that stay inside the folder, each once
 * and listed in the manifest with its SHA-256, and a contract number that is understood. Touches nothing on disk.
 */
export function checkBundle(name: BundleName, entries: readonly BundleEntry[]): CheckedBundle {
  try {
    const seen = new Set<string>();
    for (const entry of entries) checkEntry(entry, seen);
    const plain = entries.filter((entry) => !entry.isDirectory);
    const bytes = plain.reduce((sum, entry) => sum + entry.header.size, 0);
    demand(plain.length <= MAX_BUNDLE_FILES, `it has ${plain.length} files, more than ${MAX_BUNDLE_FILES}`);
    demand(bytes <= MAX_BUNDLE_BYTES, `it unpacks to ${bytes} bytes, more than ${MAX_BUNDLE_BYTES}`);
    const files = new Map(plain.map((entry) => [entry.entryName, entry.getData()]));
    const manifest = JSON.parse(new TextDecoder().decode(files.get(MANIFEST) ?? absent())) as BundleManifest;
    files.delete(MANIFEST);
    checkManifest(name, manifest, files);
    return { ok: true, manifest, files };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** A path that cannot leave the bundle's folder, on any system. */
export function isInside(path: string): boolean {
  const plain = path !== '' && !/[\\:\0]/.test(path);
  return plain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function checkEntry({ entryName, isDirectory, attr }: BundleEntry, seen: Set<string>): void {
  const path = isDirectory ? entryName.replace(/\/$/, '') : entryName;
  const [shown, type] = [JSON.stringify(entryName), (attr >>> 28) & 0xf];
  demand(isInside(path), `entry ${shown} would leave the folder`);
  demand(isDirectory || type === 0 || type === 8, `entry ${shown} is not a plain file`);
  // Without case, since on some file systems the second would overwrite the first.
  demand(!seen.has(path.toLowerCase()), `entry ${shown} is there twice`);
  seen.add(path.toLowerCase());
}

function checkManifest(
  name: BundleName,
  manifest: BundleManifest,
  files: ReadonlyMap<string, Uint8Array>,
): void {
  demand(typeof manifest === 'object' && manifest !== null, `${MANIFEST} is no object`);
  const { contract, entry, version, files: digests } = manifest;
  demand(manifest.name === name, `it is a bundle of "${manifest.name}", not of "${name}"`);
  demand(
    Number.isInteger(contract) && typeof version === 'string',
    `${MANIFEST} lacks its contract or version`,
  );
  const known = `launch contract ${contract}, this is ${LAUNCH_CONTRACT}`;
  demand(contract <= LAUNCH_CONTRACT, `it needs ${known}; upgrade go-agent by hand`);
  demand(typeof digests === 'object' && digests !== null, `${MANIFEST} lacks its files`);
  for (const [path, bytes] of files) {
    const digest = createHash('sha256').update(bytes).digest('hex');
    demand(Object.hasOwn(digests, path), `file "${path}" is not in the manifest`);
    demand(digest === String(digests[path]).toLowerCase(), `the SHA-256 of "${path}" is not the manifest's`);
  }
  for (const path of Object.keys(digests))
    demand(files.has(path), `file "${path}" of the manifest is missing`);
  demand(files.has(entry), `its entry "${entry}" is not among its files`);
}

function absent(): never {
  throw new Error(`it has no ${MANIFEST}`);
}

function demand(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}
