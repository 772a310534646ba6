import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  artifactUploadPath,
  ConsoleTag,
  consoleText,
  formatChecksumFile,
  HeaderName,
} from '@go-agent/protocol';
import { backoffDelay, describeError } from '@go-agent/runtime/core';
import { uploadBody } from './multipart-body.ts';
import { Patience } from './patience.ts';
import { readableSize } from './readable-size.ts';
import type { TransferContext } from './transfer-context.ts';
import { judgeUpload, type UploadOutcome } from './upload-outcome.ts';
import { writeZip } from './write-zip.ts';

const ATTEMPTS = 3;
const PAUSE = { firstMs: 1000, factor: 3, maxMs: 10_000, jitter: 0.2 };

/**
 * Sends a file or folder to a folder of the job's artifacts, as a zip with a checksum file (agent-protocol 6.2).
 * @param source absolute path
 * @param dest without slashes at its ends; empty is the root
 * @returns whether the server has it
 */
export async function uploadArtifact(
  source: string,
  dest: string,
  context: TransferContext,
): Promise<boolean> {
  const { console, cancelled, clock } = context;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    console.line(ConsoleTag.artifact, consoleText.uploading(source, dest));
    const outcome = await attemptUpload(source, dest, attempt, context);
    if (outcome.kind === 'done') return true;
    if (cancelled.aborted) return false;
    if (outcome.kind === 'denied') {
      console.line(ConsoleTag.artifactError, consoleText.uploadDenied(source, readableSize(outcome.size)));
      return false;
    }
    console.line(ConsoleTag.artifactError, `${consoleText.uploadFailed(source)}\n[go] ${outcome.message}`);
    if (attempt < ATTEMPTS) await clock.sleep(backoffDelay(PAUSE, attempt - 1), cancelled);
  }
  return false;
}

async function attemptUpload(
  source: string,
  dest: string,
  attempt: number,
  context: TransferContext,
): Promise<UploadOutcome> {
  const temporary = join(context.folder, 'upload');
  try {
    await mkdir(temporary, { recursive: true });
    return await zipAndSend(source, dest, attempt, context, join(temporary, 'artifact.zip'));
  } catch (error) {
    return { kind: 'failed', message: describeError(error) };
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function zipAndSend(
  source: string,
  dest: string,
  attempt: number,
  context: TransferContext,
  zip: string,
): Promise<UploadOutcome> {
  const { assignment, clock, relay, cancelled } = context;
  const { size, md5 } = await writeZip(source, zip, cancelled);
  const prefix = dest === '' ? '' : `${dest}/`;
  const checksums = [...md5].map(([name, sum]) => [`${prefix}${name}`, sum] as const);
  const { contentType, length, body } = uploadBody({
    zip: { path: zip, size: (await stat(zip)).size, name: `${basename(source)}.zip` },
    checksums: formatChecksumFile(checksums, clock.now()),
    boundary: randomUUID(),
  });
  const job = assignment.work.assignment.jobIdentifier;
  const post = () =>
    relay.request({
      method: 'POST',
      path: artifactUploadPath(job, dest, attempt),
      headers: {
        'Content-Type': contentType,
        'Content-Length': String(length),
        [HeaderName.confirm]: 'true',
        [HeaderName.artifactSize]: String(size),
      },
      body,
      signal: cancelled,
    });
  // A server that is away is no failed attempt: the zip is made already.
  const answer = await new Patience(context).ask(post);
  answer.body.resume();
  const verdict = judgeUpload(answer.status);
  if (verdict === 'done') return { kind: 'done' };
  if (verdict === 'denied') return { kind: 'denied', size };
  return { kind: 'failed', message: `The server answered ${answer.status}` };
}
