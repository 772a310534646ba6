import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  artifactFilePath,
  fileBatchPath,
  HeaderName,
  parseSha256Lines,
  SHA256_CHECKSUM,
  TAR_END,
  TAR_TYPE,
  tarHeader,
  tarPadding,
} from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { BatchedEntry } from './batch-entries.ts';
import { Patience } from './patience.ts';
import type { TransferContext } from './transfer-context.ts';
import { judgeUpload, type UploadOutcome } from './upload-outcome.ts';

const ATTEMPTS = 3;

/** Sends small files in one request; again after a failure, but only those that the server does not have. */
export async function sendBatch(
  entries: readonly BatchedEntry[],
  context: TransferContext,
): Promise<UploadOutcome> {
  let patience = new Patience(context);
  let rest = entries;
  let message = '';
  let wasSent = false;
  for (let attempt = 1; attempt <= ATTEMPTS; ) {
    try {
      if (wasSent) {
        const missing = await whatIsMissing(rest, context);
        if (missing.length === 0) return { kind: 'done' };
        if (missing.length < rest.length) patience = new Patience(context);
        rest = missing;
      }
      wasSent = true;
      const answer = await post(rest, context);
      const said = await text(answer.body);
      if (patience.isThere(answer)) {
        const verdict = judgeUpload(answer.status);
        if (verdict === 'done') return { kind: 'done' };
        if (verdict === 'denied') return { kind: 'denied', size: sizeOf(rest) };
        message = `The server answered ${answer.status}: ${said}`;
        if (verdict === 'refused') return { kind: 'failed', message };
        attempt += 1;
      } else message = `The server cannot be reached: ${said}`;
    } catch (error) {
      context.cancelled.throwIfAborted();
      message = describeError(error);
      attempt += 1;
    }
    if (attempt > ATTEMPTS || !(await patience.wait())) break;
  }
  return { kind: 'failed', message };
}

function post(entries: readonly BatchedEntry[], { assignment, relay, cancelled }: TransferContext) {
  const parts = entries.flatMap(({ content, ...entry }) => [
    tarHeader({ ...entry, size: content.length }),
    content,
    tarPadding(content.length),
  ]);
  parts.push(TAR_END);
  const length = parts.reduce((total, part) => total + part.length, 0);
  return relay.request({
    method: 'POST',
    path: fileBatchPath(assignment.work.assignment.jobIdentifier),
    headers: {
      'Content-Type': TAR_TYPE,
      'Content-Length': String(length),
      [HeaderName.uploadLength]: String(sizeOf(entries)),
      [HeaderName.confirm]: 'true',
    },
    body: () => Readable.from([Buffer.concat(parts, length)], { objectMode: false }),
    signal: cancelled,
  });
}

/** With a patience of its own: a server that answers this may still not get, or not take, what is sent. */
async function whatIsMissing(
  entries: readonly BatchedEntry[],
  context: TransferContext,
): Promise<readonly BatchedEntry[]> {
  const { assignment, relay, cancelled: signal } = context;
  const path = artifactFilePath(assignment.work.assignment.jobIdentifier, SHA256_CHECKSUM);
  const answer = await new Patience(context).ask(() => relay.request({ method: 'GET', path, signal }));
  const list = await text(answer.body);
  const stored = answer.status === 200 ? parseSha256Lines(list) : new Map<string, string>();
  return entries.filter(({ path, sha256 }) => sha256 === undefined || stored.get(path) !== sha256);
}

function sizeOf(entries: readonly BatchedEntry[]): number {
  return entries.reduce((total, { content }) => total + content.length, 0);
}
