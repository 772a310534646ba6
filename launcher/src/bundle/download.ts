import { open, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BundleName } from '@go-agent/protocol/launch-contract';
import {
  AppError,
  type BackoffPolicy,
  backoffDelay,
  type Clock,
  describeError,
  HashingTransform,
} from '@go-agent/runtime';
import type { BundleBody, BundleServer } from '../server/bundle-server.ts';

/** The largest zip that is taken from a server. */
const MAX_DOWNLOAD_BYTES = 256 * 1024 * 1024;
/** Space that a download leaves for everything else. */
const SPARE_BYTES = 64 * 1024 * 1024;
const ATTEMPTS = 3;
const waits: BackoffPolicy = { firstMs: 500, factor: 2, maxMs: 2_000, jitter: 0.5 };

export interface DownloadOptions {
  readonly server: BundleServer;
  readonly name: BundleName;
  /** What the server offered. */
  readonly md5: string;
  /** A new file; the caller removes it if this fails. */
  readonly file: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Streams a bundle into `file` and returns when its bytes are on the disk and have the MD5 that was offered. A transfer
 * that breaks is begun again a few times; one that is complete and wrong is not.
 * @throws AppError launcher-download-broken (the transfer), launcher-bundle-refused (what came)
 */
export async function downloadBundle(options: DownloadOptions): Promise<void> {
  const { clock, signal } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await attemptDownload(options);
    } catch (error) {
      await rm(options.file, { force: true });
      const final = error instanceof AppError && !error.retryable;
      if (
        final ||
        signal.aborted ||
        attempt + 1 >= ATTEMPTS ||
        !(await clock.sleep(backoffDelay(waits, attempt), signal))
      ) {
        if (error instanceof AppError) throw error;
        throw broken(options.name, describeError(error), error);
      }
    }
  }
}

async function attemptDownload({ server, name, md5, file, signal }: DownloadOptions): Promise<void> {
  const answer = await server.download(name, signal);
  try {
    checkAnswer(name, md5, answer);
    await checkSpace(dirname(file), answer.length ?? 0);
  } catch (error) {
    answer.body.on('error', () => undefined).destroy();
    throw error;
  }
  const hashing = new HashingTransform();
  await using target = await open(file, 'wx', 0o600);
  await pipeline(
    answer.body,
    limit(name, answer.length),
    hashing,
    // Not a write stream: that would close the file before it is synced.
    (pieces: AsyncIterable<Buffer>) => target.writeFile(pieces),
    { signal },
  );
  const got = hashing.checksums;
  if (answer.length !== undefined && got.bytes !== answer.length) {
    throw broken(name, `it ended after ${got.bytes} of ${answer.length} bytes`);
  }
  if (got.md5 !== md5) throw refused(name, `its MD5 is ${got.md5}, the server said ${md5}`);
  await target.sync();
}

function checkAnswer(name: BundleName, md5: string, answer: BundleBody): void {
  if (answer.status !== 200) throw broken(name, `the server answered ${answer.status}`);
  // A new release came between the two requests: the next check will find it.
  if (answer.md5 !== md5)
    throw refused(name, `the server announced MD5 ${md5} and then sent ${answer.md5 ?? 'none'}`);
  if ((answer.length ?? 0) > MAX_DOWNLOAD_BYTES)
    throw refused(name, `it has ${answer.length} bytes, more than ${MAX_DOWNLOAD_BYTES}`);
}

/** Zip and unpacked files lie on the disk at the same time. */
async function checkSpace(folder: string, length: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = 4 * length + SPARE_BYTES;
  if (bavail * bsize < needed) {
    throw new AppError(
      'launcher-download-broken',
      `${folder} has ${bavail * bsize} bytes free, a new version needs ${needed}. Remedy: make space`,
    );
  }
}

function limit(name: BundleName, length: number | undefined): Transform {
  const max = length ?? MAX_DOWNLOAD_BYTES;
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      bytes += chunk.length;
      if (bytes > max) callback(refused(name, `it has more than ${max} bytes`));
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
