import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RotatingFileOptions {
  readonly path: string;
  /** A file that would grow beyond this is rotated first. Default 10 MB. */
  readonly maxBytes?: number;
  /** How many rotated files (`<path>.1` is the newest) are kept beside the current one. Default 4: 50 MB in all. */
  readonly keep?: number;
  /** Permission bits of new files. Default 0o640. */
  readonly mode?: number;
}

/**
 * A log file of bounded size. Writes are synchronous, so that the last lines before a crash are there. A write that
 * fails (disk full, folder gone) is counted, never thrown: logging must not end what it logs.
 */
export class RotatingFile implements Disposable {
  readonly path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  readonly #mode: number;
  #fd: number | undefined;
  #size = 0;
  #dropped = 0;

  constructor({ path, maxBytes = 10_000_000, keep = 4, mode = 0o640 }: RotatingFileOptions) {
    this.path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
    this.#mode = mode;
  }

  /** Writes that were lost because the disk would not take them. */
  get dropped(): number {
    return this.#dropped;
  }

  write(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    try {
      const fd = this.#roomFor(bytes.length);
      for (let written = 0; written < bytes.length; ) {
        const count = writeSync(fd, bytes, written);
        written += count;
        this.#size += count;
      }
    } catch {
      this.#dropped++;
      // The next write opens the file afresh: its folder may have come back.
      this.#close();
    }
  }

  /** Writes go to a file under `path` again after somebody else (logrotate) has moved the current one away. */
  reopen(): void {
    this.#close();
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #roomFor(bytes: number): number {
    const fd = this.#fd ?? this.#open();
    if (this.#size === 0 || this.#size + bytes <= this.#maxBytes) return fd;
    this.#close();
    this.#rotate();
    return this.#open();
  }

  #open(): number {
    mkdirSync(dirname(this.path), { recursive: true });
    this.#fd = openSync(this.path, 'a', this.#mode);
    this.#size = fstatSync(this.#fd).size;
    return this.#fd;
  }

  #rotate(): void {
    rmSync(`${this.path}.${this.#keep}`, { force: true });
    for (let index = this.#keep - 1; index >= 0; index--) {
      const from = index === 0 ? this.path : `${this.path}.${index}`;
      if (this.#keep === 0) rmSync(from, { force: true });
      else moveIfThere(from, `${this.path}.${index + 1}`);
    }
    if (this.#keep === 0) rmSync(this.path, { force: true });
  }

  #close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      closeSync(fd);
    } catch {
      // The descriptor is gone either way.
    }
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
