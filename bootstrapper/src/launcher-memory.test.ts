import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { SupervisorEvent } from './core/supervise.ts';
import { LauncherMemory } from './launcher-memory.ts';

const launching = { type: 'launching', launcher: { md5: 'a' }, folder: '' } as SupervisorEvent;
const ended = { type: 'ended' } as SupervisorEvent;
const failure = { count: 2, reason: 'it crashed' };

test('failures are known to the next process, until there are none', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  const memory = new LauncherMemory(folder.path);
  memory.failures.set('a', failure);
  memory.note(launching);
  const next = new LauncherMemory(folder.path);
  expect([...next.failures]).toEqual([['a', failure]]);
  next.failures.clear();
  next.note(launching);
  expect(existsSync(join(folder.path, 'data', 'launcher-failures.json'))).toBe(false);
});

test('a launch that nobody is to blame for counts for nothing, also not later', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  const memory = new LauncherMemory(folder.path);
  const launch = (blameless: boolean) => {
    const count = (memory.failures.get('a')?.count ?? 0) + 1;
    memory.failures.set('a', { ...failure, count });
    memory.note(launching);
    memory.note(ended, blameless);
    return memory.failures.get('a')?.count;
  };
  expect([launch(true), launch(false), launch(true), launch(false)]).toEqual([undefined, 1, 1, 2]);
  memory.failures.clear();
  memory.note(ended, true);
  expect([...new LauncherMemory(folder.path).failures]).toEqual([['a', failure]]);
});

test('a damaged file, or a disk that takes nothing, is none to stop for', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  await writeFile(join(folder.path, 'data', 'launcher-failures.json'), '[["a"');
  expect(new LauncherMemory(folder.path).failures.size).toBe(0);
  const nowhere = new LauncherMemory(join(folder.path, 'nowhere'));
  nowhere.failures.set('a', failure);
  nowhere.note(launching);
});

test('what killed bootstrappers left goes once the lock is held, and not before', async () => {
  await using folder = await tempDir();
  const data = join(folder.path, 'data');
  for (const name of ['old', 'own']) await mkdir(join(data, `${name}-agent-launcher`), { recursive: true });
  await writeFile(join(data, 'old-agent-launcher', 'launcher.mjs'), '');
  await writeFile(join(data, 'bootstrapper.json.0123456789ab.tmp'), '{');
  await utimes(join(data, 'bootstrapper.json.0123456789ab.tmp'), 1, 1);
  const memory = new LauncherMemory(folder.path);
  memory.note({ ...launching, folder: join(data, 'own-agent-launcher') } as SupervisorEvent);
  memory.note({ type: 'status', status: { phase: 'locking' } });
  expect(await readdir(data)).toHaveLength(3);
  memory.note({ type: 'status', status: { phase: 'checking' } });
  await waitFor(async () => (await readdir(data)).length === 1);
  expect(await readdir(data)).toEqual(['own-agent-launcher']);
});
