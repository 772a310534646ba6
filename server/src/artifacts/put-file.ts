import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CONSOLE_LOG } from '@go-agent/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobView } from '../domain/views.ts';
import { bodyChunks } from '../http/body-chunks.ts';
import { Halt } from '../http/halt.ts';
import { isCut } from '../http/is-cut.ts';
import { isStorageFailure } from '../http/storage-failure.ts';
import type { FileAddress } from './file-address.ts';
import { addressOf, type FileDesk, type FileRoute, pathInJob, uploadingJob } from './file-desk.ts';

/**
 * `PUT`: the body is added to the file, which for `cruise-output/console.log` is the job's console (agent-protocol 5.1).
 * There, with `Upload-Offset`, the body has a place: what the log has already is skipped, and a body that begins after its
 * end is refused with 409 and the log's size (docs/architecture.md).
 */
export async function putFile(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  agentUuid: string | undefined,
): Promise<FastifyReply> {
  const address = addressOf(request);
  const isConsole = address.path === CONSOLE_LOG;
  const offset = isConsole ? uploadOffset(request) : undefined;
  const job = await uploadingJob(desk, request, address, agentUuid);
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  if (job.superseded) {
    // As its reports (reference 4.5): accepted and ignored, the job is somebody else's now.
    let end = offset ?? 0;
    for await (const chunk of body) end += (chunk as Buffer).length;
    if (isConsole) reply.header('Upload-Offset', end);
  } else if (isConsole) {
    const { type, size } = await saving(desk, address, () =>
      desk.consoles.append(job, bodyChunks(body), offset),
    );
    desk.work.noteConsoleActivity(job.jobId);
    reply.header('Upload-Offset', size);
    if (type === 'gap') throw Halt.text(409, `The log has ${size} bytes; the body begins after its end.`);
  } else {
    await saving(desk, address, () => appendToFile(desk, job, address, body));
  }
  return reply.type('text/plain; charset=utf-8').send(`File ${address.path} was appended successfully`);
}

function uploadOffset(request: FastifyRequest): number | undefined {
  const header = request.headers['upload-offset'];
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw Halt.text(400, "Header 'Upload-Offset' must be a number of bytes");
}

async function appendToFile(
  desk: FileDesk,
  job: JobView,
  address: FileAddress,
  body: Readable,
): Promise<void> {
  const path = pathInJob(desk, job, address.path);
  await mkdir(dirname(path), { recursive: true });
  await pipeline(bodyChunks(body), createWriteStream(path, { flags: 'a', mode: 0o640 }));
}

async function saving<T>(desk: FileDesk, address: FileAddress, save: () => Promise<T>): Promise<T> {
  try {
    return await save();
  } catch (error) {
    // The client is gone: nobody reads the answer.
    if (isCut(error)) throw Halt.text(400, `The body of ${address.path} was cut.`);
    desk.logger.error({ job: address.shown, path: address.path, err: error }, 'Cannot save a file');
    // A stock agent does not look at the status (agent-protocol 5.1); ours then keeps the console until there is room.
    const isForNow = address.path === CONSOLE_LOG && isStorageFailure(error);
    throw Halt.text(isForNow ? 503 : 500, `Error saving file ${address.path}`);
  }
}
