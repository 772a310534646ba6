import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  decodeFileSelection,
  LARGEST_BATCHED_FILE,
  MOST_BATCHED,
  TAR_END,
  TAR_TYPE,
  tarHeader,
  tarPadding,
} from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyChunks } from '../http/body-chunks.ts';
import { Halt } from '../http/halt.ts';
import { isMissing } from '../http/missing-file.ts';
import { isPlainName } from './file-address.ts';

/** The names of a thousand files with paths of any sense. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Read ahead of what is sent. */
const AHEAD = 8;

/** `QUERY` of a folder: those of the named small files that are there, as a tar (docs/artifacts.md). */
export async function queryFiles(
  request: FastifyRequest,
  reply: FastifyReply,
  folder: string,
): Promise<FastifyReply> {
  const files = await selectionOf(request);
  return reply.type(TAR_TYPE).send(Readable.from(tarOf(folder, files), { objectMode: false }));
}

async function selectionOf(request: FastifyRequest): Promise<readonly string[]> {
  if (!(request.body instanceof Readable)) throw Halt.text(400, 'The body must name the files');
  const text = await textOf(request.body);
  try {
    const { files } = decodeFileSelection(JSON.parse(text));
    const isBad = files.some((path) =>
      path.split('/').some((part) => part === '' || part === '.' || !isPlainName(part)),
    );
    if (isBad || files.length > MOST_BATCHED)
      throw new Error(`too many files, or one with a path that leaves its folder`);
    return files;
  } catch (error) {
    throw Halt.text(400, `The body must name the files as JSON: ${describeError(error)}`);
  }
}

async function textOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyChunks(body)) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) throw Halt.text(413, `The names of the files take more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

async function* tarOf(folder: string, files: readonly string[]): AsyncGenerator<Buffer> {
  const reads: Promise<Buffer | undefined>[] = [];
  for (let at = 0; at < files.length; at += 1) {
    while (reads.length < Math.min(files.length, at + AHEAD))
      reads.push(readEntry(folder, files[reads.length] ?? ''));
    const entry = await reads[at];
    if (entry !== undefined) yield entry;
  }
  yield TAR_END;
}

/** Header, content and padding; undefined for what is no file any more, or not a small one. */
async function readEntry(folder: string, path: string): Promise<Buffer | undefined> {
  try {
    await using file = await open(join(folder, path), 'r');
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > LARGEST_BATCHED_FILE) return undefined;
    const content = await file.readFile();
    const header = tarHeader({ kind: 'file', path, mode: stats.mode & 0o777, size: content.length });
    return Buffer.concat([header, content, tarPadding(content.length)]);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
