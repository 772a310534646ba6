// How our agent and our server exchange files (docs/artifacts.md). A stock server knows nothing of it and is never asked.
import { array, object, optional } from './decode/compounds.ts';
import { decodeWith } from './decode/decoder.ts';
import { integer, string } from './decode/scalars.ts';
import { artifactUploadPath, REMOTING_FILES_PATH } from './endpoints.ts';
import type { JobIdentifier } from './job-identifier.ts';
import { artifactLocator } from './locators.ts';

/** `sha256sum` lines of what was uploaded by file; a later line for a path wins. */
export const SHA256_CHECKSUM = 'cruise-output/sha256.checksum';
/** JSON of the counts of a job's test reports. */
export const TEST_SUMMARY = 'cruise-output/test-summary.json';

export const TAR_TYPE = 'application/x-tar';
export const MANIFEST_TYPE = 'application/x-ndjson';
/** Larger files go by themselves. Bytes. */
export const LARGEST_BATCHED_FILE = 256 * 1024;
/** Of one batch: bytes of content, and entries. */
export const LARGEST_BATCH = 4 * 1024 * 1024;
export const MOST_BATCHED = 1000;

/**
 * One file: `HEAD` answers `Upload-Offset` (and `Upload-Complete`), `PUT` goes on from there.
 * @param uploadId names this attempt to send this file; what arrived under it is what can be gone on with
 */
export function fileUploadPath(job: JobIdentifier, path: string, uploadId: string): string {
  return `${REMOTING_FILES_PATH}${artifactLocator(job, path)}?buildId=${job.buildId}&upload=${uploadId}`;
}

/** `POST` of a tar of small files, named from the job's root. */
export function fileBatchPath(job: JobIdentifier): string {
  return artifactUploadPath(job, '', 1);
}

/** `GET`: one {@link ManifestEntry} a line. */
export function folderManifestPath(job: JobIdentifier, folder: string): string {
  return `${REMOTING_FILES_PATH}${artifactLocator(job, folder)}?manifest=1`;
}

/** `QUERY` with a {@link FileSelection}: 200 with a tar of those that are there. */
export function folderQueryPath(job: JobIdentifier, folder: string): string {
  return `${REMOTING_FILES_PATH}${artifactLocator(job, folder)}`;
}

/** What a folder of artifacts holds. Paths are relative to it, with `/`. */
export type ManifestEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly mode: number;
      /** Hex; absent for what came some other way than by file. */
      readonly sha256?: string;
    }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

const plainEntry = decodeWith(
  object<{
    kind: string;
    path: string;
    size?: number;
    mode?: number;
    sha256?: string;
    target?: string;
  }>({
    kind: string,
    path: string,
    size: optional(integer),
    mode: optional(integer),
    sha256: optional(string),
    target: optional(string),
  }),
);

/** Undefined for a kind that this version does not know. @throws what the decoders of this package throw */
export function decodeManifestEntry(value: unknown): ManifestEntry | undefined {
  const { kind, path, size = 0, mode = 0o644, sha256, target = '' } = plainEntry(value);
  if (kind === 'file') return { kind, path, size, mode, ...(sha256 === undefined ? {} : { sha256 }) };
  if (kind === 'folder') return { kind, path };
  return kind === 'link' ? { kind, path, target } : undefined;
}

export interface FileSelection {
  /** Relative to the folder that is asked. */
  readonly files: readonly string[];
}

export const decodeFileSelection = decodeWith(object<FileSelection>({ files: array(string) }));

/** As `sha256sum` writes it, escapes and all. */
export function formatSha256Line(path: string, sha256: string): string {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  return `${escaped === path ? '' : '\\'}${sha256}  ${escaped}\n`;
}

/** Path to SHA-256 in hex; the last of equal paths wins, a line that was cut is passed over. */
export function parseSha256Lines(text: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, escaped, sha256, path] = /^(\\?)([0-9a-f]{64}) [ *](.+)$/s.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) continue;
    sums.set(
      escaped === '' ? path : path.replace(/\\(.)/g, (_, char: string) => UNESCAPED[char] ?? char),
      sha256,
    );
  }
  return sums;
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r' };
