import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { lockCache, tryLockCache } from './cache-lock.ts';

const ignore = () => undefined;

test('is had by one at a time, and the next gets it as soon as it looks again', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'lock');
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const first = await lockCache(path, { clock, signal, onWait: ignore });
  const waits: string[] = [];
  const second = lockCache(path, { clock, signal, onWait: () => waits.push('wait') });
  await clock.untilSleeping();
  await clock.advance(200);
  await clock.untilSleeping();
  expect(tryLockCache(path)).toBeUndefined();
  first[Symbol.dispose]();
  await clock.advance(200);
  (await second)[Symbol.dispose]();
  expect(waits).toEqual(['wait']);
});

test('waiting ends with the job', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'lock');
  const clock = new FakeClock();
  const cancel = new AbortController();
  using _held = tryLockCache(path);
  const waiting = lockCache(path, { clock, signal: cancel.signal, onWait: ignore });
  await clock.untilSleeping();
  cancel.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
});

test('a process that is killed leaves no lock behind', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'lock');
  const module = JSON.stringify(new URL('./cache-lock.ts', import.meta.url).href);
  const script = `const { tryLockCache } = await import(${module});
    globalThis.lock = tryLockCache(${JSON.stringify(path)}); console.log('locked'); process.stdin.resume();`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await once(holder.stdout, 'data');
  expect(tryLockCache(path)).toBeUndefined();
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const { signal } = new AbortController();
  using lock = await lockCache(path, { clock: systemClock, signal, onWait: ignore });
  expect(lock).toBeDefined();
});
