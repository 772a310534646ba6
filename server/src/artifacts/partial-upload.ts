import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '@go-agent/runtime';
import { storedMode } from './store-batch.ts';

/** While a large file arrives it is brought to the disk so often; or the end would wait for all of it. Bytes. */
const SYNC_EVERY = 64 * 1024 * 1024;

export interface UploadDigests {
  /** Hex. */
  readonly md5: string;
  /** Hex. */
  readonly sha256: string;
}

/** A file of which the beginning is here. Used by one request at a time. */
export class PartialUpload implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #md5: Hash;
  readonly #sha256: Hash;
  #size: number;
  #isMoved = false;
  #unsynced = 0;
  #syncing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, size: number, md5: Hash, sha256: Hash) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#md5 = md5;
    this.#sha256 = sha256;
  }

  /** What an earlier process left is read again, for the checksums. */
  static async open(path: string): Promise<PartialUpload> {
    const file = await open(path, 'a', 0o600);
    try {
      const md5 = createHash('md5');
      const sha256 = createHash('sha256');
      let size = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
        md5.update(chunk);
        sha256.update(chunk);
        size += chunk.length;
      }
      return new PartialUpload(path, file, size, md5, sha256);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Bytes that are here. */
  get size(): number {
    return this.#size;
  }

  /** It is an artifact now; there is nothing to go on with. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  /** Adds bytes that begin at `position`, which is not after the end; those that are here already are skipped. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    const fresh = chunk.subarray(Math.min(chunk.length, this.#size - position));
    if (fresh.length === 0) return;
    for (let at = 0; at < fresh.length; ) {
      const { bytesWritten } = await this.#file.write(fresh, at);
      // Step by step: what was written before a full disk says so is part of the file.
      const part = fresh.subarray(at, at + bytesWritten);
      this.#md5.update(part);
      this.#sha256.update(part);
      this.#size += bytesWritten;
      at += bytesWritten;
    }
    this.#unsynced += fresh.length;
    if (this.#unsynced < SYNC_EVERY) return;
    this.#unsynced = 0;
    await this.#syncing;
    this.#syncing = this.#file.datasync();
    // A failure is told by the next wait for it.
    this.#syncing.catch(() => undefined);
  }

  /** Of what is here. */
  digests(): UploadDigests {
    return { md5: this.#md5.copy().digest('hex'), sha256: this.#sha256.copy().digest('hex') };
  }

  /** Makes it the file at `target`, on the disk when this resolves. Nothing may be done with it afterwards. */
  async moveTo(target: string, mode: number): Promise<void> {
    await this.#syncing;
    await this.#file.chmod(storedMode(mode));
    await this.#file.sync();
    await rename(this.#path, target);
    this.#isMoved = true;
    await this.#file.close();
    await syncFolder(dirname(target));
  }

  async discard(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(this.#path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncing.catch(() => undefined);
    await this.#file.close();
  }
}
