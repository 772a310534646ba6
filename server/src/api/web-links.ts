import type { FastifyRequest } from 'fastify';
import type { JobLocatorView } from '../domain/views.ts';

export interface Link {
  readonly href: string;
}

/** The server's address as the client sees it, up to and with `/go`. */
export function baseUrl(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}/go`;
}

/** A path with each part encoded. */
export function pathTo(...parts: readonly (string | number)[]): string {
  return parts.map((part) => encodeURIComponent(String(part))).join('/');
}

export function stageUrl(
  base: string,
  job: Pick<JobLocatorView, 'pipeline' | 'counter' | 'stage' | 'stageCounter'>,
): string {
  return `${base}/pipelines/${pathTo(job.pipeline, job.counter, job.stage, job.stageCounter)}`;
}

export function jobUrl(base: string, job: Omit<JobLocatorView, 'label' | 'jobId'>): string {
  return `${base}/tab/build/detail/${pathTo(job.pipeline, job.counter, job.stage, job.stageCounter, job.job)}`;
}

export function docUrl(anchor: string): Link {
  return { href: `https://api.gocd.org/26.2.0/#${anchor}` };
}
