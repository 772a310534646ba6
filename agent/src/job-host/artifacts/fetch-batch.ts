import { createHash } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { folderQueryPath, LARGEST_BATCHED_FILE, readTar, type TarFile } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { Fetch } from './fetch-file.ts';
import { Patience } from './patience.ts';
import type { WantedFile } from './select-files.ts';
import { temporaryBeside } from './temporary-beside.ts';

/** In a row without a file. */
const ATTEMPTS = 3;

/**
 * Gets small files with one request, and after a failure those that have not come.
 * @param fetch `target` is the folder itself
 * @returns why they could not be fetched; undefined when all of them are here
 * @throws AppError artifact-checksum-mismatch; the reason of `cancelled`
 */
export async function fetchBatch(fetch: Fetch, wanted: readonly WantedFile[]): Promise<string | undefined> {
  const { context, verifier } = fetch;
  const { cancelled } = context;
  const patience = new Patience(context);
  const rest = new Map(wanted.map((file) => [file.path, file]));
  let message = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const before = rest.size;
    const answer = await patience.ask(() => query(fetch, [...rest.keys()]));
    if (answer.status !== 200) {
      return `the server answered ${answer.status}: ${(await text(answer.body)).slice(0, 300)}`;
    }
    try {
      for await (const entry of readTar(answer.body, { largestFile: LARGEST_BATCHED_FILE })) {
        const file = rest.get(entry.path);
        if (file === undefined || entry.kind !== 'file') continue;
        const source = posix.join(fetch.srcFile, entry.path);
        const algorithm = verifier.expected(source)?.algorithm ?? 'md5';
        verifier.verify(source, createHash(algorithm).update(entry.content).digest('hex'));
        save(join(fetch.target, entry.path), file, entry);
        rest.delete(entry.path);
      }
      const [missing] = rest.keys();
      return missing === undefined ? undefined : `${missing} is not there any more`;
    } catch (error) {
      cancelled.throwIfAborted();
      message = describeError(error);
      if (rest.size < before) attempt = 0;
      if (!(await patience.wait())) break;
    }
  }
  return message;
}

function query({ jobIdentifier, srcFile, context: { relay, cancelled } }: Fetch, files: readonly string[]) {
  const body = Buffer.from(JSON.stringify({ files }));
  return relay.request({
    method: 'QUERY',
    path: folderQueryPath(jobIdentifier, srcFile),
    headers: { 'Content-Type': 'application/json', 'Content-Length': String(body.length) },
    body: () => Readable.from([body], { objectMode: false }),
    signal: cancelled,
  });
}

/** Synchronous: through the thread pool, a small file takes several times as long. */
function save(target: string, { mode }: WantedFile, { content }: TarFile): void {
  const temporary = temporaryBeside(target);
  const file = openSync(temporary, 'wx', mode);
  try {
    try {
      for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
