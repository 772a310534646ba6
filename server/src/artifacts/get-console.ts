import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobView } from '../domain/views.ts';
import { clientGone } from '../http/client-gone.ts';
import { Halt } from '../http/halt.ts';
import { preferredWait } from '../http/prefer-wait.ts';
import { sendFile } from '../http/send-file.ts';
import type { FileDesk, FileRoute } from './file-desk.ts';

const GONE =
  'Console log for this job is unavailable as it may have been purged by Go or deleted externally.';

/**
 * `GET …/cruise-output/console.log`: the whole log or a range of it; from a line (`startLineNumber`); or, for those who
 * follow it, from a byte (`offset`), held with `Prefer: wait=N` until there is more (docs/architecture.md).
 */
export async function getConsole(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  job: JobView,
): Promise<FastifyReply> {
  reply.type('text/plain; charset=utf-8').header('Content-Disposition', 'inline; filename=console.log');
  const { startLineNumber, offset } = request.query;
  if (offset !== undefined) return follow(desk, request, reply, job, wholeNumber('offset', offset));
  const first = startLineNumber === undefined ? undefined : wholeNumber('startLineNumber', startLineNumber);
  const log = await desk.consoles.read(job);
  if (log === undefined) throw Halt.text(404, GONE);
  if (first === undefined) return sendFile(request, reply, log.file, log.size);
  if (log.size === 0) {
    await log.file.close();
    return reply.send('');
  }
  const source = log.file.createReadStream({ end: log.size - 1 });
  // Also of an answer for which nobody waits any more, and of which nothing is read.
  return reply.send(Readable.from(fromLine(source, first)).once('close', () => source.destroy()));
}

async function follow(
  desk: FileDesk,
  request: FastifyRequest,
  reply: FastifyReply,
  job: JobView,
  offset: number,
): Promise<FastifyReply> {
  const wait = preferredWait(request.headers['prefer']);
  if (wait > 0) reply.header('Preference-Applied', `wait=${wait}`);
  const hold = { waitMs: wait * 1000, signal: clientGone(reply.raw, desk.stopping) };
  for (let patience = wait > 0; ; patience = false) {
    // First subscribe, then look: what comes in between ends the wait at once. And first the state, then the log: of a job
    // that was over, all that this answer lacks is what an agent sends after its last report.
    const stopWaiting = new AbortController();
    const grown = desk.consoles.watchers.next(
      job.jobId,
      { ...hold, signal: AbortSignal.any([hold.signal, stopWaiting.signal]) },
      desk.clock,
    );
    const now = (await desk.pipelines.job(job.jobId)) ?? job;
    const log = await desk.consoles.read(job);
    const size = log?.size ?? 0;
    if (patience && size <= offset && now.state !== 'completed') {
      await log?.file.close();
      await grown;
      continue;
    }
    stopWaiting.abort();
    reply
      .header('Console-Offset', Math.max(size, 0))
      .header('Job-State', now.state)
      .header('Job-Result', now.result);
    if (log === undefined || size <= offset) {
      await log?.file.close();
      return reply.send('');
    }
    return reply
      .header('Content-Length', size - offset)
      .send(log.file.createReadStream({ start: offset, end: size - 1 }));
  }
}

/** The bytes after `lines` line ends. */
async function* fromLine(source: Readable, lines: number): AsyncGenerator<Buffer> {
  let left = lines;
  for await (const chunk of source) {
    const bytes = chunk as Buffer;
    let start = 0;
    for (; left > 0; left -= 1) {
      const end = bytes.indexOf(0x0a, start);
      if (end < 0) break;
      start = end + 1;
    }
    if (left === 0 && start < bytes.length) yield bytes.subarray(start);
  }
}

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw Halt.text(400, `Query parameter '${name}' must be a number that is not negative`);
}
