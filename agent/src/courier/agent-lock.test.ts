import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity, processPlace, systemClock } from '@go-agent/runtime/core';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { acquireLock } from './agent-lock.ts';

async function deadOwner(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const identity = processIdentity(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return JSON.stringify({ ...identity, ...(await processPlace()) });
}

test('a second holder is refused and told who holds the lock; after the release it gets it', async () => {
  await using home = await tempDir();
  const path = join(home.path, '.lock');
  {
    await using _first = await acquireLock(path, systemClock);
    const second = acquireLock(path, systemClock);
    await expect(second).rejects.toMatchObject({
      code: 'agent-locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  }
  await using _again = await acquireLock(path, systemClock);
  expect(await readdir(home.path)).toEqual(['.lock']);
});

test.each([
  ['a dead process', deadOwner],
  ['an earlier boot', async () => JSON.stringify({ ...processIdentity(process.pid), bootId: 'earlier' })],
  ['nobody that can be read', async () => 'rubbish'],
])('of many that come after %s exactly one gets the lock', async (_, owner) => {
  await using home = await tempDir();
  const path = join(home.path, '.lock');
  await writeFile(path, await owner());
  // One that died while it took over.
  await writeFile(`${path}.takeover`, await owner());
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => acquireLock(path, systemClock)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  expect(await readdir(home.path)).toEqual(['.lock']);
});

test('a lock of another container is held while it is renewed, and taken when it is not', async () => {
  await using home = await tempDir();
  const path = join(home.path, '.lock');
  const place = { ...(await processPlace()), pidNamespace: 'pid:[1]' };
  await writeFile(path, JSON.stringify({ pid: 2 ** 22, startTime: 1, ...place }));
  const clock = new FakeClock();
  const renewed = async (agoMs: number) => {
    const at = (clock.now() - agoMs) / 1000;
    await utimes(path, at, at);
  };
  await renewed(29_000);
  await expect(acquireLock(path, clock)).rejects.toMatchObject({ code: 'agent-locked' });
  await renewed(31_000);
  await using _lock = await acquireLock(path, clock);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a lock is renewed while it is held; one that was taken away meanwhile is left to who has it', async () => {
  await using home = await tempDir();
  const path = join(home.path, '.lock');
  const clock = new FakeClock(1_000_000);
  {
    await using _lock = await acquireLock(path, clock);
    await clock.advance(10_000);
    await waitFor(async () => (await stat(path)).mtimeMs === 1_010_000);
    await rm(path);
    await writeFile(path, "another's");
  }
  expect(await readFile(path, 'utf8')).toBe("another's");
});
