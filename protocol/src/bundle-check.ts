import { createHash } from 'node:crypto';
import { decodeBundleManifest, isInside } from './bundle-manifest.ts';
import { type BundleManifest, type BundleName, LAUNCH_CONTRACT } from './launch-contract.ts';

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
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;

/**
 * Decides whether a bundle may be unpacked and run: plain files only, under names that stay inside the folder, each once
 * and listed in the manifest with its SHA-256, and a contract number that is understood. Touches nothing on disk.
 */
export function checkBundle(name: BundleName, entries: readonly BundleEntry[]): CheckedBundle {
  const files = entries.filter((entry) => !entry.isDirectory);
  const refusal = badEntry(entries) ?? tooBig(files);
  if (refusal !== undefined) return { ok: false, reason: refusal };
  let contents: Map<string, Uint8Array>;
  try {
    contents = new Map(files.map((entry) => [entry.entryName, entry.getData()]));
  } catch (error) {
    return { ok: false, reason: `it cannot be unpacked: ${String(error)}` };
  }
  const text = contents.get(MANIFEST);
  const manifest = text === undefined ? `it has no ${MANIFEST}` : readManifest(text);
  if (typeof manifest === 'string') return { ok: false, reason: manifest };
  contents.delete(MANIFEST);
  const reason = unfit(name, manifest) ?? wrongFile(manifest, contents);
  return reason === undefined ? { ok: true, manifest, files: contents } : { ok: false, reason };
}

function badEntry(entries: readonly BundleEntry[]): string | undefined {
  const seen = new Set<string>();
  for (const { entryName, isDirectory, attr } of entries) {
    const path = isDirectory ? entryName.replace(/\/$/, '') : entryName;
    const shown = JSON.stringify(entryName);
    if (!isInside(path)) return `entry ${shown} would leave the folder`;
    const type = (attr >>> 16) & FILE_TYPE;
    if (!isDirectory && type !== 0 && type !== REGULAR_FILE) return `entry ${shown} is not a plain file`;
    // Without case, since on some file systems the second would overwrite the first.
    const key = path.toLowerCase();
    if (seen.has(key)) return `entry ${shown} is there twice`;
    seen.add(key);
  }
  return undefined;
}

function tooBig(files: readonly BundleEntry[]): string | undefined {
  const bytes = files.reduce((sum, file) => sum + file.header.size, 0);
  if (files.length > MAX_BUNDLE_FILES) return `it has ${files.length} files, more than ${MAX_BUNDLE_FILES}`;
  if (bytes > MAX_BUNDLE_BYTES) return `it unpacks to ${bytes} bytes, more than ${MAX_BUNDLE_BYTES}`;
  return undefined;
}

/** The manifest, or why it is none. */
function readManifest(bytes: Uint8Array): BundleManifest | string {
  try {
    return decodeBundleManifest(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    return `${MANIFEST}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function unfit(name: BundleName, manifest: BundleManifest): string | undefined {
  if (manifest.name !== name) return `it is a bundle of "${manifest.name}", not of "${name}"`;
  if (manifest.contract > LAUNCH_CONTRACT) {
    return `it needs launch contract ${manifest.contract}, this is ${LAUNCH_CONTRACT}; upgrade go-agent by hand`;
  }
  if (!Object.hasOwn(manifest.files, manifest.entry))
    return `its entry "${manifest.entry}" is not among its files`;
  return undefined;
}

function wrongFile(manifest: BundleManifest, contents: ReadonlyMap<string, Uint8Array>): string | undefined {
  for (const [path, bytes] of contents) {
    if (!Object.hasOwn(manifest.files, path)) return `file "${path}" is not in the manifest`;
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (digest !== manifest.files[path]) return `the SHA-256 of "${path}" is not the manifest's`;
  }
  for (const path of Object.keys(manifest.files)) {
    if (!contents.has(path)) return `file "${path}" of the manifest is missing`;
  }
  return undefined;
}
