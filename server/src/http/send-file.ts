import type { FileHandle } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { byteRange } from './byte-range.ts';

/**
 * Answers with the bytes of an open file, or with the range that was asked for, and closes it. The size is the one at the
 * start: a file that grows meanwhile, such as a running job's console, is sent up to there.
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: FileHandle,
  size: number,
): Promise<FastifyReply> {
  const range = byteRange(request.headers.range, size);
  reply.header('Accept-Ranges', 'bytes');
  if (range.type === 'unsatisfiable') {
    await file.close();
    return reply.code(416).header('Content-Range', `bytes */${size}`).send('');
  }
  const { start, end } = range.type === 'part' ? range : { start: 0, end: size - 1 };
  if (range.type === 'part') reply.code(206).header('Content-Range', `bytes ${start}-${end}/${size}`);
  const length = end - start + 1;
  reply.header('Content-Length', length);
  if (request.method === 'HEAD' || length === 0) {
    await file.close();
    return reply.send('');
  }
  return reply.send(file.createReadStream({ start, end, highWaterMark: 256 * 1024 }));
}
