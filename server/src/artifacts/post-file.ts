import { stat } from 'node:fs/promises';
import { CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM } from '@go-agent/protocol';
import { AppError, describeError } from '@go-agent/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasConfirmation } from '../http/confirmation.ts';
import { Halt } from '../http/halt.ts';
import { isMissing } from '../http/missing-file.ts';
import {
  addressOf,
  type FileDesk,
  type FileRoute,
  jobNotFound,
  pathInJob,
  uploadingJob,
} from './file-desk.ts';
import { type FilePart, receiveUpload } from './receive-upload.ts';

const NO_FILE =
  "Invalid request. MultipartFile must have name 'file' or 'zipfile' (to automatically unzip stream)";

/** `POST` of artifacts: checks, order and texts of agent-protocol 6.3. */
export async function postFile(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  agentUuid: string | undefined,
): Promise<FastifyReply> {
  if (!hasConfirmation(request.headers)) throw Halt.text(400, "Missing required header 'X-GoCD-Confirm'");
  const address = addressOf(request);
  const job = await uploadingJob(desk, request, address, agentUuid);
  if (job.superseded) throw jobNotFound(address.shown);
  const { path } = address;
  const isServers = [CONSOLE_LOG, MD5_CHECKSUM, SHA256_CHECKSUM].includes(path);
  if (isServers || (await isFile(pathInJob(desk, job, path))))
    throw Halt.text(403, `File ${path} already exists.`);
  if (!request.isMultipart()) throw Halt.text(400, NO_FILE);
  try {
    const outcome = await receiveUpload(desk, desk.folders.job(job), path, filesOf(request));
    if (outcome.type === 'no-file') throw Halt.text(400, NO_FILE);
  } catch (error) {
    throw asHalt(desk, path, error);
  }
  return reply.code(201).type('text/plain; charset=utf-8').send(`File ${path} was created successfully`);
}

async function* filesOf(request: FastifyRequest): AsyncGenerator<FilePart> {
  try {
    for await (const part of request.files()) yield part;
  } finally {
    // The reader of a body that is not read to its end keeps it; who sends on does not read its answer before the rest is taken.
    request.raw.unpipe().resume();
  }
}

function asHalt(desk: FileDesk, path: string, error: unknown): Halt {
  if (error instanceof Halt) return error;
  const isOurs = error instanceof AppError || (error instanceof Error && 'syscall' in error);
  if (!isOurs) {
    // What the multipart reader throws: a body that is cut, or that is no multipart.
    return Halt.text(400, `Invalid request. The multipart body cannot be read: ${describeError(error)}`);
  }
  desk.logger.error({ path, err: error }, 'Cannot save an artifact');
  return error instanceof AppError && error.code === 'artifact-checksum'
    ? Halt.text(500, `Error saving checksum file for the artifact at path '${path}'`)
    : Halt.text(500, `Error saving file ${path}`);
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
