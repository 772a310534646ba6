import { execFile } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from '@go-agent/runtime';

const run = promisify(execFile);
/** Up to so many files, one by one is faster than the whole file system. */
const FEW = 4;

/**
 * Brings files to the disk. Many small ones take one flush of their file system (Linux) instead of thousands of single ones, and
 * those who ask while one is running share the next.
 */
export class DiskSync {
  readonly #folder: string;
  #next: Promise<boolean> | undefined;
  #running: Promise<boolean> = Promise.resolve(true);

  /** @param folder on the file system of the files */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async files(paths: readonly string[]): Promise<void> {
    if (paths.length > FEW && process.platform === 'linux' && (await this.#wholeFileSystem())) return;
    for (const path of paths) {
      await using file: FileHandle = await open(path, 'r');
      await file.datasync();
    }
    for (const folder of new Set(paths.map((path) => dirname(path)))) await syncFolder(folder);
  }

  /** Resolves to false if there is no such command. */
  #wholeFileSystem(): Promise<boolean> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      this.#running = run('sync', ['-f', this.#folder]).then(
        () => true,
        () => false,
      );
      return this.#running;
    });
    return this.#next;
  }
}
