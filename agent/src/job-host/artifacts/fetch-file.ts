import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { artifactFilePath, type JobIdentifier } from '@go-agent/protocol';
import { download } from './download.ts';
import { removeLeftovers } from './temporary-beside.ts';
import type { TransferContext } from './transfer-context.ts';
import type { ChecksumVerifier } from './verify-checksum.ts';

export type FetchResult =
  | { readonly kind: 'done'; readonly changed: boolean }
  /** `said`: by the server. */
  | { readonly kind: 'missing'; readonly said: string }
  /** May be tried again. */
  | { readonly kind: 'failed'; readonly message: string };

export interface Fetch {
  readonly jobIdentifier: JobIdentifier;
  /** Path in the source job. */
  readonly srcFile: string;
  /** Absolute path of the file, or of the folder into which a folder goes. */
  readonly target: string;
  readonly verifier: ChecksumVerifier;
  readonly context: Pick<TransferContext, 'relay' | 'clock' | 'cancelled' | 'folder' | 'console'>;
}

/** A file that is here already and unchanged on the server is not sent again. */
export async function fetchFile({
  jobIdentifier,
  srcFile,
  target,
  verifier,
  context,
}: Fetch): Promise<FetchResult> {
  await removeLeftovers(dirname(target));
  const expected = verifier.expected(srcFile);
  const isStrong = expected?.algorithm === 'sha256';
  // With a SHA-256 at hand nobody needs to be asked; else the server compares, by GoCD's SHA-1.
  if (isStrong && (await sumOfExisting(target, 'sha256', 'hex')) === expected.hex) {
    return { kind: 'done', changed: false };
  }
  const sha1 = isStrong ? undefined : await sumOfExisting(target, 'sha1', 'base64');
  await mkdir(dirname(target), { recursive: true });
  const result = await download(
    {
      path: artifactFilePath(jobIdentifier, srcFile, sha1),
      target,
      algorithm: expected?.algorithm ?? 'md5',
      canResume: expected !== undefined,
      verify: (hex) => verifier.verify(srcFile, hex),
    },
    context,
  );
  if (result.kind === 'done') return { kind: 'done', changed: true };
  const { status, said } = result;
  if (status === 304) return { kind: 'done', changed: false };
  return status === 404
    ? { kind: 'missing', said }
    : { kind: 'failed', message: `the server answered ${status}${said === '' ? '' : `: ${said}`}` };
}

/** Undefined if there is no such file. */
async function sumOfExisting(
  path: string,
  algorithm: string,
  encoding: 'hex' | 'base64',
): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), hash);
  return hash.digest(encoding);
}
