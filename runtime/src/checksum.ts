import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The checksum of a file's content, in lower-case hex. Streamed: memory does not grow with the file. */
export async function hashFile(
  path: string,
  algorithm: 'md5' | 'sha256',
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, signal ? { signal } : {});
  return hash.digest('hex');
}

export interface Checksums {
  /** Lower-case hex. */
  readonly md5: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Passes bytes through and computes all checksums on the way. Ask for `checksums` after the stream has ended. */
export class HashingTransform extends Transform {
  #md5: Hash = createHash('md5');
  #sha256: Hash = createHash('sha256');
  #bytes = 0;
  #result: Checksums | undefined;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#md5.update(chunk);
    this.#sha256.update(chunk);
    this.#bytes += chunk.length;
    callback(null, chunk);
  }

  override _flush(callback: TransformCallback): void {
    this.#result = { md5: this.#md5.digest('hex'), sha256: this.#sha256.digest('hex'), bytes: this.#bytes };
    callback();
  }

  get checksums(): Checksums {
    if (!this.#result) throw new Error('HashingTransform.checksums was read before the stream had ended');
    return this.#result;
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#bytes;
  }
}
