import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { LogFollower } from './log-follower.ts';

test('a log that cannot be looked at once it is open is closed with its follower', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'go-agent.log');
  await writeFile(path, 'line\n');
  // What a failing disk does; no disk of a test can be told to fail just here.
  const failing: FileHandle[] = [];
  const look = vi.spyOn(await handlePrototype(path), 'stat').mockImplementation(function (this: FileHandle) {
    failing.push(this);
    return Promise.reject(new Error('EIO'));
  });
  onTestFinished(() => look.mockRestore());
  {
    await using follower = new LogFollower(path);
    await expect(follower.tail(100)).rejects.toThrow('EIO');
  }
  // A closed handle has no descriptor any more.
  expect(failing.map(({ fd }) => fd)).toEqual([-1]);
});

async function handlePrototype(path: string): Promise<FileHandle> {
  await using handle = await open(path, 'r');
  return Object.getPrototypeOf(handle) as FileHandle;
}
