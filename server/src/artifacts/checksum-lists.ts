import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatChecksumFile, formatSha256Line, MD5_CHECKSUM, SHA256_CHECKSUM } from '@go-agent/protocol';
import { writeFileAtomic } from '@go-agent/runtime';
import { readSums } from './folder-manifest.ts';

export interface StoredFile {
  /** Below the job's folder, with `/`. */
  readonly path: string;
  /** Hex. */
  readonly md5: string;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Adds files to both lists of their job: the one that GoCD's agents read, and ours. On the disk when this resolves.
 * @param atMs epoch milliseconds
 */
export async function recordChecksums(
  jobFolder: string,
  files: readonly StoredFile[],
  atMs: number,
): Promise<void> {
  if (files.length === 0) return;
  const md5 = formatChecksumFile(
    files.map(({ path, md5 }) => [path, md5] as const),
    atMs,
  );
  const sha256 = Buffer.from(files.map(({ path, sha256 }) => formatSha256Line(path, sha256)).join(''));
  await mkdir(dirname(join(jobFolder, MD5_CHECKSUM)), { recursive: true });
  await append(join(jobFolder, MD5_CHECKSUM), md5);
  await append(join(jobFolder, SHA256_CHECKSUM), sha256);
}

/** Takes files out of our list that were replaced some other way: by the zip of a stock agent that was given the job later. */
export async function forgetSums(jobFolder: string, paths: ReadonlySet<string>): Promise<void> {
  const sums = await readSums(jobFolder);
  const kept = [...sums].filter(([path]) => !paths.has(path));
  if (kept.length === sums.size) return;
  const lines = kept.map(([path, sha256]) => formatSha256Line(path, sha256));
  await writeFileAtomic(join(jobFolder, SHA256_CHECKSUM), lines.join(''), { mode: 0o640 });
}

/** One write in append mode, as long as there is room: those who add at the same time do not tear each other's lines. */
async function append(path: string, bytes: Buffer): Promise<void> {
  await using file: FileHandle = await open(path, 'a', 0o640);
  // A list that was cut in the middle of a line, by a power cut or a full disk, must not swallow the next line.
  const { size } = await file.stat();
  const isTorn = size > 0 && (await lastByte(path, size)) !== 0x0a;
  await file.appendFile(isTorn ? Buffer.concat([Buffer.from('\n'), bytes]) : bytes);
  await file.datasync();
}

async function lastByte(path: string, size: number): Promise<number | undefined> {
  await using file: FileHandle = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return bytesRead === 0 ? undefined : buffer[0];
}
