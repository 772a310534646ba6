import type { JobIdentifier } from './job-identifier.ts';

type Located = Pick<
  JobIdentifier,
  'pipelineName' | 'pipelineCounter' | 'pipelineLabel' | 'stageName' | 'stageCounter' | 'buildName'
>;

/** `pipeline/counter/stage/stageCounter/job` as a URI path (reference 4.4). */
export function buildLocator(job: Located): string {
  return encodePath(rawLocator(job));
}

/** `pipeline/label/stage/stageCounter/job`, not encoded: for people (reference 4.4). */
export function buildLocatorForDisplay(job: Located): string {
  return join(job, orLatest(job.pipelineLabel));
}

/** Where `path` is among the job's artifacts, as a URI path (reference 4.4). An empty path gives a trailing slash. */
export function artifactLocator(job: Located, path: string): string {
  return encodePath(`${rawLocator(job)}/${path.replace(/^\//, '')}`);
}

function rawLocator(job: Located): string {
  return join(job, job.pipelineCounter === 0 ? orLatest(job.pipelineLabel) : String(job.pipelineCounter));
}

function join(job: Located, run: string): string {
  return [job.pipelineName, run, job.stageName, orLatest(job.stageCounter), job.buildName].join('/');
}

function orLatest(text: string): string {
  return text.trim() === '' ? 'latest' : text;
}

/** Path characters of RFC 3986 stay, `/` and `+` among them; the rest becomes percent signs and UTF-8. */
function encodePath(path: string): string {
  return encodeURI(path.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
}

/** What the path of an artifact's URL names. Counters are text: a number, `latest`, or (pipeline) a label. */
export interface ArtifactAddress {
  readonly pipelineName: string;
  readonly pipelineCounter: string;
  readonly stageName: string;
  readonly stageCounter: string;
  readonly buildName: string;
  /** Below the job's root, decoded, without a leading slash; may be empty. Not checked for `..`. */
  readonly path: string;
}

/**
 * The inverse of {@link artifactLocator} and {@link buildLocator}. `+` is a plus sign (reference 10.3 no. 21).
 * Undefined if it is not a locator: too few parts, an empty part, or a broken percent sign.
 */
export function parseArtifactLocator(locator: string): ArtifactAddress | undefined {
  const parts = locator.split('/').map(decodePart);
  const [pipelineName, pipelineCounter, stageName, stageCounter, buildName, ...rest] = parts;
  if (!pipelineName || !pipelineCounter || !stageName || !stageCounter || !buildName) return undefined;
  const path = rest.filter((part) => part !== undefined);
  if (path.length < rest.length) return undefined;
  return { pipelineName, pipelineCounter, stageName, stageCounter, buildName, path: path.join('/') };
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
