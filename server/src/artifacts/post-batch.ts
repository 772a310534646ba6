import { Readable } from 'node:stream';
import { TAR_TYPE } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bodyChunks } from '../http/body-chunks.ts';
import { hasConfirmation } from '../http/confirmation.ts';
import { Halt } from '../http/halt.ts';
import { isCut } from '../http/is-cut.ts';
import { addressOf, type FileDesk, type FileRoute, jobNotFound, uploadingJob } from './file-desk.ts';
import { savingFailed } from './saving-failed.ts';
import { storeBatch } from './store-batch.ts';

export function isBatch({ headers }: FastifyRequest): boolean {
  return headers['content-type'] === TAR_TYPE;
}

/** `POST` of a tar to the root of a job: its entries become artifacts (docs/artifacts.md). */
export async function postBatch(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  agentUuid: string | undefined,
): Promise<FastifyReply> {
  if (!hasConfirmation(request.headers)) throw Halt.text(400, "Missing required header 'X-GoCD-Confirm'");
  const address = addressOf(request);
  const job = await uploadingJob(desk, request, address, agentUuid);
  if (job.superseded) throw jobNotFound(address.shown);
  if (address.path !== '') throw Halt.text(400, 'A batch is sent to the root of the job');
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  try {
    const jobFolder = desk.folders.job(job);
    // Ended here: the reader of the tar leaves it where it stands.
    await using chunks = bodyChunks(body);
    const count = await storeBatch({ jobFolder, body: chunks, disk: desk.diskSync, atMs: desk.clock.now() });
    return await reply.code(201).type('text/plain; charset=utf-8').send(`${count} entries were stored`);
  } catch (error) {
    if (isCut(error)) {
      throw Halt.text(400, `The batch was cut: ${describeError(error)}`);
    }
    throw savingFailed(desk, address.shown, error);
  }
}
