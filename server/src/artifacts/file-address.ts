/** A file of a job, as addressed by `/go/files/<pipeline>/<counter>/<stage>/<stageCounter>/<job>/<path>`. */
export interface FileAddress {
  readonly pipeline: string;
  readonly counter: number | 'latest';
  readonly stage: string;
  readonly stageCounter: number | 'latest';
  readonly job: string;
  /** Below the job's folder, without a leading slash; empty for the folder itself. */
  readonly path: string;
  /** The job as it was asked for, for messages. */
  readonly shown: string;
}

export type ParsedAddress =
  | { readonly type: 'ok'; readonly address: FileAddress }
  /** Not a job: too few parts, or counters that are none. */
  | { readonly type: 'no-job'; readonly shown: string }
  | { readonly type: 'forbidden'; readonly path: string };

/** Names on disk end here on all file systems that matter; GoCD would fail with 500 later. */
const MAX_NAME_BYTES = 255;

/** @param text what follows `/go/files/`, decoded once */
export function parseFileAddress(text: string): ParsedAddress {
  const [pipeline = '', counterText = '', stage = '', stageCounterText = '', job = '', ...rest] =
    text.split('/');
  const shown = [pipeline, counterText, stage, stageCounterText, job].join('/');
  const path = rest.filter((part) => part !== '' && part !== '.').join('/');
  if (![pipeline, stage, job, ...rest].every(isPlainName)) return { type: 'forbidden', path: rest.join('/') };
  const counter = parseCounter(counterText);
  const stageCounter = parseCounter(stageCounterText);
  if (pipeline === '' || stage === '' || job === '' || counter === undefined || stageCounter === undefined) {
    return { type: 'no-job', shown };
  }
  return { type: 'ok', address: { pipeline, counter, stage, stageCounter, job, path, shown } };
}

/** True for a name that stays in its folder. */
export function isPlainName(name: string): boolean {
  return name !== '..' && !name.includes('\0') && Buffer.byteLength(name) <= MAX_NAME_BYTES;
}

function parseCounter(text: string): number | 'latest' | undefined {
  if (text.toLowerCase() === 'latest') return 'latest';
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
}
