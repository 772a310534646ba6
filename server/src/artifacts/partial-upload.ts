import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '@go-agent/runtime';
import type { FileHasher, FileHashers, UploadDigests } from './hashing/file-hashers.ts';
import { storedMode } from './store-batch.ts';

/** While a large file arrives it is brought to the disk so often; or the end would wait for all of it. Bytes. */
const SYNC_EVERY = 64 * 1024 * 1024;

/** A file of which the beginning is here. Used by one request at a time. */
export class PartialUpload implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #hasher: FileHasher;
  #size: number;
  #isMoved = false;
  #unsynced = 0;
  #syncing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, size: number, hasher: FileHasher) {
    this.#path = path;
    this.#file = file;
    this.#size = size;
    this.#hasher = hasher;
  }

  /** What an earlier process left is read again, for the checksums. */
  static async open(path: string, hashers: FileHashers): Promise<PartialUpload> {
    const file = await open(path, 'a', 0o600);
    try {
      const { size } = await file.stat();
      const hasher = hashers.open(path);
      hasher.grown(size);
      return new PartialUpload(path, file, size, hasher);
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
      this.#size += bytesWritten;
      this.#hasher.grown(this.#size);
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
  digests(): Promise<UploadDigests> {
    return this.#hasher.digests(this.#size);
  }

  /** Makes it the file at `target`, on the disk when this resolves. Nothing may be done with it afterwards. */
  async moveTo(target: string, mode: number): Promise<void> {
    await this.#syncing;
    await this.#file.chmod(storedMode(mode));
    await this.#file.sync();
    await rename(this.#path, target);
    this.#isMoved = true;
    this.#hasher.close();
    await this.#file.close();
    await syncFolder(dirname(target));
  }

  async discard(): Promise<void> {
    await this[Symbol.asyncDispose]();
    await rm(this.#path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#syncing.catch(() => undefined);
    this.#hasher.close();
    await this.#file.close();
  }
}
