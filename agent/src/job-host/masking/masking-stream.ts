import type { SecretPatterns } from './secret-patterns.ts';

/**
 * Replaces secrets in a stream of bytes, wherever the chunks are cut: the longest end that may be the beginning of a secret
 * waits for the next chunk. Occurrences that overlap become one mask, so no end of any of them is left over.
 */
export class MaskingStream {
  readonly #patterns: SecretPatterns;
  readonly #mask: Buffer;
  #carry: Buffer = Buffer.alloc(0);
  /** So many bytes of the carry belong to a secret whose mask has been written. */
  #masked = 0;

  constructor(patterns: SecretPatterns, mask: Buffer) {
    this.#patterns = patterns;
    this.#mask = mask;
  }

  /** The part of the text so far that is certain. */
  push(chunk: Buffer): Buffer {
    if (this.#patterns.longest === 0) return chunk;
    const bytes = this.#carry.length === 0 ? chunk : Buffer.concat([this.#carry, chunk]);
    return this.#settle(bytes, bytes.length - this.#patterns.unfinishedLength(bytes));
  }

  /** The rest, when no more will come. */
  end(): Buffer {
    return this.#settle(this.#carry, this.#carry.length);
  }

  /** Everything before `end` is written, masked; the rest is carried over. */
  #settle(bytes: Buffer, end: number): Buffer {
    const out: Buffer[] = [];
    let at = this.#masked;
    for (const [start, stop] of this.#patterns.find(bytes)) {
      if (start >= end) break;
      if (start >= at) {
        out.push(bytes.subarray(at, start), this.#mask);
        at = stop;
      } else {
        at = Math.max(at, stop);
      }
    }
    if (at < end) out.push(bytes.subarray(at, end));
    this.#masked = Math.max(0, at - end);
    this.#carry = bytes.subarray(end);
    const [only] = out;
    return out.length === 1 && only ? only : Buffer.concat(out);
  }
}
