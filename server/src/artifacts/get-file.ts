import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CONSOLE_LOG, HeaderName, MANIFEST_TYPE, type ManifestEntry } from '@go-agent/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JobView } from '../domain/views.ts';
import { Halt } from '../http/halt.ts';
import { isMissing } from '../http/missing-file.ts';
import { openToSend } from '../http/open-to-send.ts';
import { sendFile } from '../http/send-file.ts';
import { listArtifacts } from './artifact-listing.ts';
import { contentTypeOf } from './content-type.ts';
import type { FileAddress } from './file-address.ts';
import { addressOf, type FileDesk, type FileRoute, jobNotFound, pathInJob } from './file-desk.ts';
import { folderManifest } from './folder-manifest.ts';
import { getConsole } from './get-console.ts';
import { locatorText } from './job-folders.ts';
import { queryFiles } from './query-files.ts';
import { zipFolder } from './zip-folder.ts';

/** `GET` of a job's files (agent-protocol 6.5, server-config-api 3.4). */
export async function getFile(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { address, job } = await findJob(desk, addressOf(request));
  if (address.path === CONSOLE_LOG) return getConsole(desk, request, reply, job);
  const path = pathInJob(desk, job, address.path);
  if (request.query.manifest !== undefined) return sendManifest(desk, job, address, reply);
  if ((await kindOf(path)) === 'file') return sendStored(request, reply, path);
  const [, folder = '', suffix] = /^(.*?)(?:\/)?(\.zip|\.json)$/.exec(address.path) ?? [];
  const folderPath = pathInJob(desk, job, folder);
  if (suffix === undefined || (await kindOf(folderPath)) !== 'folder') {
    throw unavailable(address);
  }
  if (suffix === '.zip') {
    const zip = await zipFolder(folderPath);
    return reply.type('application/zip').send(zip);
  }
  const root = `${request.protocol}://${request.host}/go/files/${locatorText(job)}`;
  const url = [root, ...folder.split('/').filter(Boolean).map(encodeURIComponent)].join('/');
  const listing = await listArtifacts(folderPath, url);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(listing, null, 2));
}

/** `QUERY` of a folder. */
export async function queryFolder(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { address, job } = await findJob(desk, addressOf(request));
  return queryFiles(request, reply, pathInJob(desk, job, address.path));
}

async function sendManifest(
  desk: FileDesk,
  job: JobView,
  address: FileAddress,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if ((await kindOf(pathInJob(desk, job, address.path))) !== 'folder') throw unavailable(address);
  const entries = folderManifest({ jobFolder: desk.folders.job(job), folder: address.path });
  return reply.type(MANIFEST_TYPE).send(Readable.from(linesOf(entries), { objectMode: false }));
}

/** Some kilobytes at once: a chunk for each line would cost more than the line. */
async function* linesOf(entries: AsyncIterable<ManifestEntry>): AsyncGenerator<string> {
  let lines = '';
  for await (const entry of entries) {
    lines += `${JSON.stringify(entry)}\n`;
    if (lines.length < 32_768) continue;
    yield lines;
    lines = '';
  }
  if (lines !== '') yield lines;
}

function unavailable({ path }: FileAddress): Halt {
  return Halt.text(
    404,
    `Artifact '${path}' is unavailable as it may have been purged by Go or deleted externally.`,
  );
}

/** The root listing and the root zip hang at the job's name: `…/<job>.json`. A job of that very name goes before. */
async function findJob(desk: FileDesk, address: FileAddress) {
  const job = await desk.pipelines.findJob(address);
  if (job !== undefined) return { address, job };
  const suffix = address.path === '' ? /\.(zip|json)$/.exec(address.job)?.[0] : undefined;
  if (suffix !== undefined) {
    const root = { ...address, job: address.job.slice(0, -suffix.length), path: suffix };
    const found = await desk.pipelines.findJob(root);
    if (found !== undefined) return { address: root, job: found };
  }
  throw jobNotFound(address.shown);
}

async function sendStored(
  request: FastifyRequest<FileRoute>,
  reply: FastifyReply,
  path: string,
): Promise<FastifyReply> {
  // A `+` that was not encoded has become a space.
  const wanted = request.query.sha1?.replaceAll(' ', '+');
  if (wanted !== undefined && wanted === (await sha1Of(path))) return reply.code(304).send();
  const {
    file,
    stats: { size, mode },
  } = await openToSend(path);
  reply.type(contentTypeOf(basename(path)));
  reply.header(HeaderName.fileMode, (mode & 0o777).toString(8).padStart(3, '0'));
  return sendFile(request, reply, file, size);
}

async function sha1Of(path: string): Promise<string> {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64');
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'none'> {
  try {
    const found = await stat(path);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'folder' : 'none';
  } catch (error) {
    if (isMissing(error)) return 'none';
    throw error;
  }
}
