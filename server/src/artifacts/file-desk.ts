import { join } from 'node:path';
import { HeaderName } from '@go-agent/protocol';
import type { Clock, Logger } from '@go-agent/runtime';
import type { FastifyRequest } from 'fastify';
import type { PipelineDesk, WorkDesk } from '../core.ts';
import type { JobView } from '../domain/views.ts';
import { Halt } from '../http/halt.ts';
import type { ActiveJobs } from './active-jobs.ts';
import type { ConsoleStore } from './console-store.ts';
import type { DiskSpace } from './disk-space.ts';
import { type FileAddress, type ParsedAddress, parseFileAddress } from './file-address.ts';
import type { JobFolders } from './job-folders.ts';
import type { PartialUploads } from './partial-uploads.ts';
import type { DiskSync } from './sync-disk.ts';

/** What the file endpoints work with. */
export interface FileDesk {
  readonly folders: JobFolders;
  readonly consoles: ConsoleStore;
  readonly activeJobs: ActiveJobs;
  readonly disk: DiskSpace;
  readonly partials: PartialUploads;
  readonly diskSync: DiskSync;
  readonly pipelines: PipelineDesk;
  readonly work: WorkDesk;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
}

export interface FileQuery {
  readonly attempt?: string;
  readonly buildId?: string;
  readonly sha1?: string;
  readonly startLineNumber?: string;
  readonly offset?: string;
  readonly upload?: string;
  readonly manifest?: string;
}

export interface FileRoute {
  readonly Params: { readonly '*': string };
  readonly Querystring: FileQuery;
}

/** @throws Halt 403 for a path that leaves its folder, 404 for what is no job's address */
export function addressOf(request: FastifyRequest<FileRoute>): FileAddress {
  return accepted(parseFileAddress(request.params['*']));
}

function accepted(parsed: ParsedAddress): FileAddress {
  switch (parsed.type) {
    case 'ok':
      return parsed.address;
    case 'no-job':
      throw jobNotFound(parsed.shown);
    case 'forbidden':
      throw Halt.text(403, `Url ${parsed.path} contains forbidden characters.`);
  }
}

export function jobNotFound(shown: string): Halt {
  return Halt.text(404, `Job ${shown} not found.`);
}

/**
 * The job that an upload is for.
 * @param agentUuid of the agent that sends it; absent for a user
 * @throws Halt 404 if there is none, 403 if the agent was not given it
 */
export async function uploadingJob(
  desk: FileDesk,
  request: FastifyRequest<FileRoute>,
  address: FileAddress,
  agentUuid: string | undefined,
): Promise<JobView> {
  const { buildId } = request.query;
  const job = await desk.activeJobs.find(
    address,
    /^\d{1,15}$/.test(buildId ?? '') ? Number(buildId) : undefined,
  );
  if (job === undefined) throw jobNotFound(address.shown);
  if (agentUuid !== undefined && job.agentUuid !== agentUuid) {
    throw Halt.text(403, `Job ${address.shown} is not this agent's.`);
  }
  return job;
}

/** GoCD's says what a zip holds, which lies there twice for a while; ours is of a file that is stored as it comes. */
const SIZE_HEADERS = [
  [HeaderName.artifactSize, 2],
  [HeaderName.uploadLength, 1],
] as const;

/** @throws Halt 413 if the disk cannot take it (agent-protocol 6.4), 400 if the header is no number */
export async function checkDiskSpace(desk: FileDesk, request: FastifyRequest): Promise<void> {
  for (const [name, times] of SIZE_HEADERS) {
    const header = request.headers[name.toLowerCase()];
    if (header === undefined) continue;
    if (typeof header !== 'string' || !/^\d{1,18}$/.test(header)) {
      throw Halt.text(400, `Header '${name}' must be a number of bytes`);
    }
    if (!(await desk.disk.canTake(Number(header), times))) throw Halt.empty(413);
  }
}

export function pathInJob(desk: FileDesk, job: JobView, path: string): string {
  return join(desk.folders.job(job), path);
}
