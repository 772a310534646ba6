import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { isPlainName } from './file-address.ts';
import { temporaryBeside } from './unfinished-name.ts';

const FILE_TYPE = 0o170000;
const PLAIN_TYPES = [0, 0o100000, 0o040000];

/**
 * Unpacks an uploaded zip. Files that exist are replaced, each in one step. Nothing is written outside the folder: names
 * that would leave it and links are refused, before anything is written.
 * @param jobFolder the job's folder; what the server itself keeps there is not replaced
 * @param folder where to unpack, in the job's folder
 * @returns the files that are new or replaced, not yet on the disk
 * @throws AppError `artifact-zip` for a zip that is refused or damaged; what the file system reports
 */
export async function unzipInto(zipPath: string, jobFolder: string, folder: string): Promise<string[]> {
  const kept = [CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM];
  const isKept = (name: string) =>
    kept.includes(relative(jobFolder, join(folder, name)).replaceAll(sep, '/'));
  const entries = await readEntries(zipPath);
  const refusal = entries.map(badEntry).find((reason) => reason !== undefined);
  if (refusal !== undefined) throw new AppError('artifact-zip', `The uploaded zip is refused: ${refusal}`);
  await mkdir(folder, { recursive: true });
  const written: string[] = [];
  await withZip(zipPath, async (zip) => {
    for (const entry of entries) {
      const target = join(folder, entry.fileName);
      if (entry.fileName.endsWith('/')) await mkdir(target, { recursive: true });
      else if (!isKept(entry.fileName)) {
        await extract(zip, entry, target);
        written.push(target);
      }
    }
  });
  return written;
}

async function readEntries(zipPath: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  await withZip(zipPath, async (zip) => {
    for await (const entry of zip.eachEntry()) entries.push(entry);
  });
  return entries;
}

/** Yauzl's own errors become ours; it checks names, sizes and structure itself, too. */
async function withZip(zipPath: string, use: (zip: ZipFile) => Promise<void>): Promise<void> {
  try {
    const zip = await openPromise(zipPath, { lazyEntries: true, autoClose: false });
    try {
      await use(zip);
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof Error && !('code' in error)) {
      throw new AppError('artifact-zip', `The uploaded zip cannot be read: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

function badEntry(entry: Entry): string | undefined {
  const shown = JSON.stringify(entry.fileName);
  const parts = entry.fileName.replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '' || !isPlainName(part))) return `entry ${shown} would leave the folder`;
  const type = (entry.externalFileAttributes >>> 16) & FILE_TYPE;
  if (!PLAIN_TYPES.includes(type)) return `entry ${shown} is neither a file nor a folder`;
  return entry.canDecodeFileData() ? undefined : `entry ${shown} is encrypted or packed in an unknown way`;
}

async function extract(zip: ZipFile, entry: Entry, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const temporary = temporaryBeside(target);
  try {
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(temporary, { mode: 0o640 }));
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
