import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TempDir, tempDir } from './temp-dir.ts';

/**
 * A file system of its own that a test may fill without anybody else filling or emptying it. Undefined where none can be mounted (other
 * systems than Linux, other users than root).
 * @param size as tmpfs knows it, such as `64m`
 * @param options further mount options of tmpfs, such as `nr_inodes=100`
 */
export async function smallDisk(size: string, ...options: readonly string[]): Promise<TempDir | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const parent = await tempDir();
  const path = join(parent.path, 'disk');
  await mkdir(path);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${size}`, ...options].join(), 'tmpfs', path], {
      stdio: 'pipe',
    });
  } catch {
    await parent[Symbol.asyncDispose]();
    return undefined;
  }
  return {
    path,
    async [Symbol.asyncDispose]() {
      // Lazily: what still has a file open in it does not keep the folder.
      execFileSync('umount', ['-l', path]);
      await parent[Symbol.asyncDispose]();
    },
  };
}

/** Writes a new file until its file system has no room for another byte. */
export function fillDisk(file: string): void {
  const fd = openSync(file, 'wx');
  const block = Buffer.alloc(4096);
  try {
    for (let written = block.length; written > 0; ) written = writeSync(fd, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    closeSync(fd);
  }
}
