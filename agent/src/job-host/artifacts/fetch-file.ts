import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { artifactFilePath, type JobIdentifier } from '@go-agent/protocol';
import type { JobContext } from '../job-context.ts';
import { requestReady } from './request-ready.ts';
import { saveVerified } from './save-verified.ts';
import type { Verify } from './verify-checksum.ts';

export type FetchResult =
  | { readonly kind: 'done'; readonly changed: boolean }
  | { readonly kind: 'missing' }
  /** May be tried again. */
  | { readonly kind: 'failed'; readonly message: string };

export interface Fetch {
  readonly jobIdentifier: JobIdentifier;
  /** Path in the source job. */
  readonly srcFile: string;
  /** Absolute path of the file, or of the folder into which a folder goes. */
  readonly target: string;
  readonly verify: Verify;
  readonly context: Pick<JobContext, 'relay' | 'clock' | 'cancelled' | 'folder'>;
}

/** A file that is here already and unchanged on the server is not sent again. */
export async function fetchFile({
  jobIdentifier,
  srcFile,
  target,
  verify,
  context,
}: Fetch): Promise<FetchResult> {
  const path = artifactFilePath(jobIdentifier, srcFile, await sha1OfExisting(target));
  const { status, body } = await requestReady(context, path);
  if (status === 200) {
    await mkdir(dirname(target), { recursive: true });
    await saveVerified(body, target, (md5) => verify(srcFile, md5), context.cancelled);
    return { kind: 'done', changed: true };
  }
  body.resume();
  if (status === 304) return { kind: 'done', changed: false };
  return status === 404 ? { kind: 'missing' } : { kind: 'failed', message: `the server answered ${status}` };
}

/** In base64; undefined if there is no such file. */
async function sha1OfExisting(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const hash = createHash('sha1');
  await pipeline(createReadStream(path), hash);
  return hash.digest('base64');
}
