import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MD5_CHECKSUM, parseChecksumFile } from '@go-agent/protocol';
import { AppError, appendDurable, syncFolder, toError } from '@go-agent/runtime';
import { forgetSums } from './checksum-lists.ts';
import type { FileDesk } from './file-desk.ts';
import { unzipInto } from './unzip-into.ts';

/** One part of a multipart body that holds a file. */
export interface FilePart {
  readonly fieldname: string;
  readonly file: Readable;
}

export type UploadOutcome = { readonly type: 'saved' } | { readonly type: 'no-file' };

/**
 * Takes an upload (agent-protocol 6.2): `file` becomes the file at `path`, or else `zipfile` is unpacked into the folder
 * at `path`; `file_checksum` is added to the job's checksum file. On the disk when this resolves: an agent that is told that its
 * upload has arrived does not send it again.
 * @throws AppError `artifact-save` or `artifact-checksum`; what `parts` throws when the body is cut or malformed
 */
export async function receiveUpload(
  { folders, diskSync }: Pick<FileDesk, 'folders' | 'diskSync'>,
  jobFolder: string,
  path: string,
  parts: AsyncIterable<FilePart>,
): Promise<UploadOutcome> {
  const folder = join(folders.incoming, randomBytes(12).toString('hex'));
  await mkdir(folder, { recursive: true });
  try {
    const received = await storeParts(parts, folder);
    const file = received.get('file');
    const zip = received.get('zipfile');
    if (file === undefined && zip === undefined) return { type: 'no-file' };
    const target = join(jobFolder, path);
    await attempt('artifact-save', `Cannot save ${path} of the job`, async () => {
      if (file === undefined) {
        await diskSync.files(await unzipInto(zip ?? '', jobFolder, target));
        return;
      }
      await diskSync.files([file]);
      await mkdir(dirname(target), { recursive: true });
      await rename(file, target);
      await syncFolder(dirname(target));
    });
    const checksum = received.get('file_checksum');
    await attempt('artifact-checksum', `Cannot add to the checksums of ${path}`, async () => {
      if (checksum !== undefined) await addChecksums(jobFolder, checksum);
    });
    return { type: 'saved' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Streams each part to a file of its own; of parts with one name the last one counts. */
async function storeParts(parts: AsyncIterable<FilePart>, folder: string): Promise<Map<string, string>> {
  const received = new Map<string, string>();
  let count = 0;
  for await (const part of parts) {
    count += 1;
    const path = join(folder, String(count));
    await pipeline(part.file, createWriteStream(path));
    received.set(part.fieldname, path);
  }
  return received;
}

/** Appended, as GoCD does; a later line for a file wins when the file is read (agent-protocol 6.3). */
async function addChecksums(jobFolder: string, source: string): Promise<void> {
  const target = join(jobFolder, MD5_CHECKSUM);
  const text = await readFile(source, 'latin1');
  await mkdir(dirname(target), { recursive: true });
  // One write in append mode: uploads that end at the same time do not tear each other's lines.
  const lines = text.endsWith('\n') || text === '' ? text : `${text}\n`;
  await appendDurable(target, Buffer.from(lines, 'latin1'));
  await forgetSums(jobFolder, new Set(parseChecksumFile(Buffer.from(text, 'latin1')).keys()));
}

async function attempt(code: string, message: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new AppError(code, `${message}: ${toError(error).message}`, { cause: error });
  }
}
