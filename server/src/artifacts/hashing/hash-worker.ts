// A thread that hashes files while they are written: it reads what is in the file, so what is verified is what is stored.

import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { FromHasher, ToHasher } from './hash-messages.ts';

interface Hashed {
  readonly path: string;
  /** Opened when it is read first, so that a failure is told whenever digests are asked for. */
  file?: number;
  readonly md5: Hash;
  readonly sha256: Hash;
  size: number;
}

const buffer = Buffer.allocUnsafeSlow(1024 * 1024);
const files = new Map<number, Hashed>();

parentPort?.on('message', (message: ToHasher) => {
  try {
    const answer = act(message);
    if (answer !== undefined) parentPort?.postMessage(answer);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ type: 'failed', id: message.id, message: text } satisfies FromHasher);
  }
});

function act(message: ToHasher): FromHasher | undefined {
  const { id } = message;
  if (message.type === 'open') {
    const hashes = { md5: createHash('md5'), sha256: createHash('sha256') };
    files.set(id, { path: message.path, ...hashes, size: 0 });
    return undefined;
  }
  const hashed = files.get(id);
  if (hashed === undefined) return undefined;
  if (message.type === 'close') {
    files.delete(id);
    if (hashed.file !== undefined) closeSync(hashed.file);
    return undefined;
  }
  hash(hashed, message.size);
  if (message.type === 'grown') return undefined;
  const { md5, sha256 } = hashed;
  return { type: 'digests', id, md5: md5.copy().digest('hex'), sha256: sha256.copy().digest('hex') };
}

function hash(hashed: Hashed, until: number): void {
  hashed.file ??= openSync(hashed.path, 'r');
  while (hashed.size < until) {
    const wanted = Math.min(buffer.length, until - hashed.size);
    const count = readSync(hashed.file, buffer, 0, wanted, hashed.size);
    if (count === 0) throw new Error(`The file ends after ${hashed.size} of ${until} bytes`);
    const bytes = buffer.subarray(0, count);
    hashed.md5.update(bytes);
    hashed.sha256.update(bytes);
    hashed.size += count;
  }
}
