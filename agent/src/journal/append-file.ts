import { appendFile, closeSync, fdatasync, fstatSync, ftruncate, openSync } from 'node:fs';
import { promisify } from 'node:util';

const append = promisify<number, string | Uint8Array>(appendFile);
const sync = promisify(fdatasync);
const truncate = promisify<number, number>(ftruncate);

/** A file that grows only, for this user alone. Opened and closed at once: a job waits for it, and a thread of the pool is further away. */
export class AppendFile implements Disposable {
  readonly #fd: number;

  /** Makes the file if it is missing. @throws what the system reports */
  constructor(path: string) {
    this.#fd = openSync(path, 'a', 0o600);
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** All or nothing: what a full disk took of it is cut off again, so that the caller may try once more. */
  async append(
    data: string | Uint8Array,
    { size, sync: isSynced = false }: { size: number; sync?: boolean },
  ): Promise<void> {
    try {
      await append(this.#fd, data);
      if (isSynced) await sync(this.#fd);
    } catch (error) {
      await truncate(this.#fd, size);
      throw error;
    }
  }

  sync(): Promise<void> {
    return sync(this.#fd);
  }

  truncate(size: number): Promise<void> {
    return truncate(this.#fd, size);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}
