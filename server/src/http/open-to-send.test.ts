import type { FileHandle } from 'node:fs/promises';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openToSend } from './open-to-send.ts';

test('a file that cannot be looked at once it is open is closed again, and its error is told', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'console.log');
  await writeFile(path, 'line\n');
  const { file, stats } = await openToSend(path);
  expect(stats.size).toBe(5);
  await file.close();
  // What a failing disk does; no disk of a test can be told to fail just here.
  const failing: FileHandle[] = [];
  const handles = await handlePrototype(path);
  const look = vi.spyOn(handles, 'stat').mockImplementation(function (this: FileHandle) {
    failing.push(this);
    return Promise.reject(new Error('EIO'));
  });
  onTestFinished(() => look.mockRestore());
  await expect(openToSend(path)).rejects.toThrow('EIO');
  // A closed handle has no descriptor any more.
  expect(failing.map(({ fd }) => fd)).toEqual([-1]);
});

async function handlePrototype(path: string): Promise<FileHandle> {
  await using handle = await open(path, 'r');
  return Object.getPrototypeOf(handle) as FileHandle;
}
