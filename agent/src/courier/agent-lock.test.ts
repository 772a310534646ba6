import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { readBootId } from '../journal/boot-id.ts';
import { acquireLock } from './agent-lock.ts';

async function deadOwner(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const identity = processIdentity(child.pid ?? 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  return JSON.stringify({ ...identity, bootId: await readBootId() });
}

test('a second holder is refused and told who holds the lock; after the release it gets it', async () => {
  await using home = await tempDir();
  const path = join(home.path, '.lock');
  {
    await using _first = await acquireLock(path);
    const second = acquireLock(path);
    await expect(second).rejects.toMatchObject({
      code: 'agent-locked',
      message: expect.stringContaining(`process ${process.pid}`),
    });
  }
  await using _again = await acquireLock(path);
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
  const results = await Promise.allSettled(Array.from({ length: 12 }, () => acquireLock(path)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  expect(await readdir(home.path)).toEqual(['.lock']);
});
