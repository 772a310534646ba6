import { mkdir, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import {
  AppError,
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  describeError,
  hashFile,
} from '@go-agent/runtime';
import type { BundleBody, BundleServer } from '../server/bundle-server.ts';
import { readRetryAfter } from './read-retry-after.ts';

/** The largest zip that is taken from a server, signed or not. */
const MAX_DOWNLOAD_BYTES = 256 * 1024 * 1024;
/** Space that a download leaves for everything else. */
const SPARE_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 3;
/** Of what follows a bundle's name in the name of its part. */
const PART_LENGTH = '-.part'.length + 32;
const waits: BackoffPolicy = { firstMs: 500, factor: 2, maxMs: 2_000, jitter: 0.5 };

/** What the signed metadata says that a bundle is. */
export interface ExpectedBundle {
  readonly name: BundleName;
  readonly md5: string;
  readonly sha256: string;
  /** In bytes. */
  readonly length: number;
}

export interface DownloadOptions {
  readonly server: BundleServer;
  readonly expected: ExpectedBundle;
  /** Folder of the parts; what is there of a bundle is not fetched again. */
  readonly folder: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export type DownloadResult =
  /** The bytes are on the disk, and are those that were signed. The caller removes the file, or moves it. */
  | { readonly type: 'complete'; readonly file: string }
  /** The server has too much to do. `retryMs`: how long it asks to be left alone. */
  | { readonly type: 'busy'; readonly retryMs: number };

/**
 * Fetches what is missing of a bundle. A transfer that breaks is continued, some times now and at the next call; what is
 * complete and is not what was signed is removed.
 * @throws AppError launcher-download-broken (the transfer), launcher-bundle-refused (what came)
 */
export async function downloadBundle(options: DownloadOptions): Promise<DownloadResult> {
  const { expected, folder, clock, signal } = options;
  const { name, md5, length } = expected;
  if (length > MAX_DOWNLOAD_BYTES)
    throw refused(name, `it has ${length} bytes, more than ${MAX_DOWNLOAD_BYTES}`);
  const file = join(folder, `${name}-${md5}.part`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Of each bundle there is at most one part, so that the disk stays bounded.
  for (const other of await readdir(folder))
    if (other.slice(0, -PART_LENGTH) === name && join(folder, other) !== file) await rm(join(folder, other));
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptDownload(options, file);
    } catch (error) {
      const final = error instanceof AppError && !error.retryable;
      if (
        final ||
        signal.aborted ||
        attempt + 1 >= ATTEMPTS ||
        !(await clock.sleep(backoffDelay(waits, attempt), signal))
      ) {
        if (error instanceof AppError) throw error;
        throw broken(name, describeError(error), error);
      }
    }
  }
}

async function attemptDownload(options: DownloadOptions, file: string): Promise<DownloadResult> {
  const { expected, clock, signal } = options;
  const { name, md5, length } = expected;
  let have = await sizeOf(file);
  if (have > length) {
    await rm(file);
    have = 0;
  }
  if (have < length) {
    await checkSpace(dirname(file), length - have, length);
    const answer = await options.server.download(name, md5, have, signal);
    try {
      if (answer.status === 503 || answer.status === 429) {
        const retryMs = readRetryAfter(answer.retryAfter, clock.now());
        if (retryMs !== undefined) return { type: 'busy', retryMs };
      }
      if (
        have > 0 &&
        (answer.status === 416 || (answer.status === 206 && !continues(answer, have, length)))
      ) {
        await rm(file);
        throw broken(name, 'what is here of it cannot be continued, and is fetched anew');
      }
      checkAnswer(expected, have, answer);
      await receive(answer, file, answer.status === 206 ? have : 0, options);
    } finally {
      answer.body.on('error', () => undefined).destroy();
    }
  }
  const got = { md5: await hashFile(file, 'md5', signal), sha256: await hashFile(file, 'sha256', signal) };
  if (got.md5 === md5 && got.sha256 === expected.sha256) return { type: 'complete', file };
  await rm(file);
  // What was here before may be to blame.
  if (have > 0) throw broken(name, `its SHA-256 is ${got.sha256}, not the signed one`);
  throw refused(name, `its SHA-256 is ${got.sha256}, the signed one is ${expected.sha256}`);
}

async function receive(
  answer: BundleBody,
  file: string,
  from: number,
  { expected: { name, length }, signal }: DownloadOptions,
): Promise<void> {
  await using target = await open(file, from === 0 ? 'w' : 'a', 0o600);
  try {
    await pipeline(
      answer.body,
      limit(name, length - from),
      // Not a write stream: that would close the file before it is synced.
      (pieces: AsyncIterable<Buffer>) => target.appendFile(pieces),
      { signal },
    );
  } catch (error) {
    // More than was signed: no part of it can be trusted to be one.
    if (error instanceof AppError) await rm(file);
    throw error;
  }
  await target.sync();
  const { size } = await target.stat();
  if (size !== length) throw broken(name, `it ended after ${size} of ${length} bytes`);
}

function checkAnswer({ name, md5, length }: ExpectedBundle, have: number, answer: BundleBody): void {
  if (answer.status !== 200 && !(answer.status === 206 && have > 0))
    throw broken(name, `the server answered ${answer.status}`);
  // A new release came between the two requests: the next check will find it.
  if (answer.md5 !== md5)
    throw refused(name, `the server announced MD5 ${md5} and then sent ${answer.md5 ?? 'none'}`);
  const rest = answer.status === 206 ? length - have : length;
  if (answer.length !== undefined && answer.length !== rest)
    throw refused(name, `the server has ${answer.length} bytes to send, ${rest} are signed`);
}

function continues({ contentRange }: BundleBody, have: number, length: number): boolean {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(contentRange?.trim() ?? '') ?? [];
  return Number(first) === have && Number(last) === length - 1 && Number(total) === length;
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Zip and unpacked files lie on the disk at the same time. */
async function checkSpace(folder: string, missing: number, length: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = missing + 3 * length + SPARE_BYTES;
  if (bavail * bsize < needed) {
    throw new AppError(
      'launcher-download-broken',
      `${folder} has ${bavail * bsize} bytes free, a new version needs ${needed}. Remedy: make space`,
    );
  }
}

function limit(name: BundleName, max: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length;
      if (bytes > max)
        callback(refused(name, `the server sends more than the ${max} bytes that were signed`));
      else callback(null, chunk);
    },
  });
}

function refused(name: BundleName, reason: string): AppError {
  return new AppError('launcher-bundle-refused', `Bundle ${name} is refused: ${reason}`);
}

function broken(name: BundleName, reason: string, cause?: unknown): AppError {
  return new AppError('launcher-download-broken', `The download of bundle ${name} broke: ${reason}`, {
    retryable: true,
    cause,
  });
}
