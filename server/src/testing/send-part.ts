import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { formatReprDigest, HeaderName } from '@go-agent/protocol';
import { request } from 'undici';
import { AGENT, TOKEN } from './scripted-core.ts';

export const JOB_URL = '/remoting/files/app/7/test/1/unit';
export const AS_AGENT = { 'X-Agent-GUID': AGENT, Authorization: TOKEN };

export interface Part {
  /** Ends in `/go`. */
  readonly server: string;
  readonly path: string;
  readonly uploadId: string;
  /** The whole file. */
  readonly content: Buffer;
  readonly offset: number;
  /** Where the body ends. Default: with the file. */
  readonly end?: number;
  /** Default: the body ends with the file. */
  readonly complete?: boolean;
  readonly mode?: string;
  /** After so many bytes of the body its connection is cut. */
  readonly cutAfter?: number;
  /** Not before this settles: until then no more bytes come. */
  readonly cutWhen?: Promise<void>;
  /** Hex; default: the right one. */
  readonly sha256?: string;
}

export interface PartAnswer {
  readonly status: number;
  readonly offset: number;
  readonly complete: string;
  readonly text: string;
}

function urlOf({ server, path, uploadId }: Pick<Part, 'server' | 'path' | 'uploadId'>): string {
  return `${server}${JOB_URL}/${path}?buildId=42&upload=${uploadId}`;
}

/** @throws what undici throws when the connection ends early */
export async function sendPart(part: Part): Promise<PartAnswer> {
  const { content, offset, end = content.length, mode = '644' } = part;
  const { complete = end === content.length, sha256 = createHash('sha256').update(content).digest('hex') } =
    part;
  const { cutAfter = Number.POSITIVE_INFINITY, cutWhen } = part;
  const headers = {
    ...AS_AGENT,
    'Content-Length': String(end - offset),
    [HeaderName.uploadOffset]: String(offset),
    [HeaderName.uploadLength]: String(content.length),
    [HeaderName.uploadComplete]: complete ? '?1' : '?0',
    [HeaderName.reprDigest]: formatReprDigest(sha256),
    [HeaderName.fileMode]: mode,
  };
  const body = Readable.from(
    (async function* () {
      for (let at = offset; at < end; at += 50_000) {
        if (at - offset >= cutAfter) {
          await cutWhen;
          throw new Error('The connection is cut');
        }
        yield content.subarray(at, Math.min(end, at + 50_000));
      }
    })(),
    { objectMode: false },
  );
  return answerOf(await request(urlOf(part), { method: 'PUT', headers, body }));
}

export async function askPart(part: Pick<Part, 'server' | 'path' | 'uploadId'>): Promise<PartAnswer> {
  return answerOf(await request(urlOf(part), { method: 'HEAD', headers: AS_AGENT }));
}

async function answerOf(answer: Awaited<ReturnType<typeof request>>): Promise<PartAnswer> {
  const header = (name: string) => String(answer.headers[name.toLowerCase()] ?? '');
  return {
    status: answer.statusCode,
    offset: Number(header(HeaderName.uploadOffset)),
    complete: header(HeaderName.uploadComplete),
    text: await answer.body.text(),
  };
}
