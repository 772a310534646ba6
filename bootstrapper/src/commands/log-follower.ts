import { type FileHandle, open, stat } from 'node:fs/promises';

/**
 * Reads a log bit by bit. Has the file open, so that what was written before a rotation is read from it after it as well. Of a log
 * that is rotated twice between two looks, the file in the middle is missed.
 */
export class LogFollower implements AsyncDisposable {
  readonly #path: string;
  #file: FileHandle | undefined;
  #id = '';
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The last bytes of the log; undefined if there is none yet. */
  async tail(bytes: number): Promise<string | undefined> {
    const size = await this.#open();
    if (size === undefined) return undefined;
    this.#offset = Math.max(0, size - bytes);
    return await this.#rest();
  }

  /** What was added since the last look. */
  async added(): Promise<string> {
    const now = await stat(this.#path).catch(() => undefined);
    // Nothing more is written to a log once there is another one in its place.
    const rest = await this.#rest();
    if (now === undefined || idOf(now) === this.#id || (await this.#open()) === undefined) return rest;
    return rest + (await this.#rest());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }

  /** Begins the log that is there now. @returns its size */
  async #open(): Promise<number | undefined> {
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (file === undefined) return undefined;
    const before = this.#file;
    // Kept at once: if something fails from here on, it is closed with the others.
    this.#file = file;
    await before?.close();
    const found = await file.stat();
    this.#id = idOf(found);
    this.#offset = 0;
    return found.size;
  }

  async #rest(): Promise<string> {
    if (this.#file === undefined) return '';
    const { size } = await this.#file.stat();
    if (size < this.#offset) this.#offset = 0;
    const length = size - this.#offset;
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(length), 0, length, this.#offset);
    this.#offset += bytesRead;
    return buffer.toString('utf8', 0, bytesRead);
  }
}

function idOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev}:${ino}`;
}
