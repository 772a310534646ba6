import { Readable } from 'node:stream';
import { formatReprDigest, HeaderName, parseCount, parseReprDigest } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobView } from '../domain/views.ts';
import { bodyChunks } from '../http/body-chunks.ts';
import { Halt } from '../http/halt.ts';
import { isCut } from '../http/is-cut.ts';
import { releaseMemory } from '../http/release-memory.ts';
import { ArtifactPlaces } from './artifact-place.ts';
import { recordChecksums } from './checksum-lists.ts';
import { addressOf, type FileDesk, type FileRoute, jobNotFound, uploadingJob } from './file-desk.ts';
import type { PartialUpload } from './partial-upload.ts';
import type { FinishedUpload, UploadKey } from './partial-uploads.ts';
import { savingFailed } from './saving-failed.ts';

/** `HEAD` with `upload`: how much of the file is here (docs/artifacts.md). */
export async function headPart(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  agentUuid: string | undefined,
): Promise<FastifyReply> {
  const { key } = await target(desk, request, agentUuid);
  const finished = desk.partials.finished(key);
  if (finished !== undefined) return told(reply, finished).send('');
  reply.headers({
    [HeaderName.uploadOffset]: await desk.partials.size(key),
    [HeaderName.uploadComplete]: '?0',
  });
  return reply.send('');
}

/** `PUT` with `upload`: the file from `Upload-Offset` on; with `Upload-Complete: ?1` it is whole, verified and put in its place. */
export async function putPart(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  agentUuid: string | undefined,
): Promise<FastifyReply> {
  const { key, job } = await target(desk, request, agentUuid);
  const wanted = wantedOf(request);
  const known = desk.partials.finished(key);
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  if (known !== undefined) {
    body.resume();
    return told(reply.code(200), known).send('');
  }
  await desk.partials.take(
    key,
    () => body.destroy(),
    async (upload) => {
      if (wanted.offset > upload.size) throw gap(reply, upload);
      await saving(desk, key.path, () => receive(upload, body, wanted.offset));
      reply.header(HeaderName.uploadOffset, upload.size);
      if (!wanted.complete) {
        reply.code(204).header(HeaderName.uploadComplete, '?0');
        return undefined;
      }
      const { md5, sha256 } = await upload.digests();
      if (upload.size !== wanted.length || sha256 !== wanted.sha256) {
        reply.code(422).type('text/plain; charset=utf-8');
        reply.header(HeaderName.reprDigest, formatReprDigest(sha256));
        return 'drop';
      }
      await saving(desk, key.path, async () => {
        const folder = desk.folders.job(job);
        await upload.moveTo(await new ArtifactPlaces(folder).file(key.path), wanted.mode);
        await recordChecksums(folder, [{ path: key.path, md5, sha256 }], desk.clock.now());
      });
      const finished = { size: upload.size, sha256 };
      told(reply.code(201), finished);
      return finished;
    },
  );
  return reply.send(
    reply.statusCode === 422 ? `What arrived of ${key.path} is not what was announced. Send it again.` : '',
  );
}

interface Wanted {
  readonly offset: number;
  readonly complete: boolean;
  readonly length: number;
  readonly sha256: string | undefined;
  readonly mode: number;
}

function wantedOf({ headers }: FastifyRequest): Wanted {
  const header = (name: string) => {
    const value = headers[name.toLowerCase()];
    return typeof value === 'string' ? value : undefined;
  };
  const offset = parseCount(header(HeaderName.uploadOffset));
  const length = parseCount(header(HeaderName.uploadLength));
  if (offset === undefined || length === undefined) {
    throw Halt.text(
      400,
      `Headers '${HeaderName.uploadOffset}' and '${HeaderName.uploadLength}' must be numbers of bytes`,
    );
  }
  const complete = header(HeaderName.uploadComplete) === '?1';
  const sha256 = parseReprDigest(header(HeaderName.reprDigest));
  if (complete && sha256 === undefined) {
    throw Halt.text(400, `Header '${HeaderName.reprDigest}' must hold the sha-256 of the whole file`);
  }
  const mode = /^[0-7]{3,4}$/.exec(header(HeaderName.fileMode) ?? '644');
  if (mode === null) throw Halt.text(400, `Header '${HeaderName.fileMode}' must be octal`);
  return { offset, length, complete, sha256, mode: Number.parseInt(mode[0], 8) };
}

async function target(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  agentUuid: string | undefined,
): Promise<{ readonly key: UploadKey; readonly job: JobView }> {
  const address = addressOf(request);
  const job = await uploadingJob(desk, request, address, agentUuid);
  if (job.superseded) throw jobNotFound(address.shown);
  const { upload: uploadId = '' } = request.query;
  if (!/^[\w-]{8,64}$/.test(uploadId))
    throw Halt.text(400, "Parameter 'upload' must be 8 to 64 letters and digits");
  return { job, key: { jobId: job.jobId, path: address.path, uploadId } };
}

async function receive(upload: PartialUpload, body: Readable, offset: number): Promise<void> {
  let position = offset;
  for await (const chunk of bodyChunks(body)) {
    await upload.write(chunk, position);
    position += chunk.length;
    releaseMemory(chunk);
  }
}

async function saving(desk: FileDesk, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCut(error)) throw Halt.text(400, `The body of ${path} was cut: ${describeError(error)}`);
    throw savingFailed(desk, path, error);
  }
}

function gap(reply: FastifyReply, { size }: PartialUpload): Halt {
  reply.header(HeaderName.uploadOffset, size);
  return Halt.text(409, `There are ${size} bytes here; the body begins after them.`);
}

function told(reply: FastifyReply, { size, sha256 }: FinishedUpload): FastifyReply {
  return reply.headers({
    [HeaderName.uploadOffset]: size,
    [HeaderName.uploadComplete]: '?1',
    [HeaderName.reprDigest]: formatReprDigest(sha256),
  });
}
