import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rmdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCHER_LOCK } from '@go-agent/protocol/launch-contract';
import { processIdentity, systemClock, untilAborted } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { type LockResult, lockHome } from './home-lock.ts';
import { thisProcess } from './owner.ts';

/** A process that takes the lock, says so on stdout (`locked` or `held`), and keeps it until it is killed. */
function startHolder(home: string) {
  const source = `
    import { lockHome } from ${JSON.stringify(join(import.meta.dirname, 'home-lock.ts'))};
    import { systemClock } from '@go-agent/runtime';
    process.stdout.write((await lockHome(${JSON.stringify(home)}, systemClock)).type);
    setInterval(() => {}, 1 << 30);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answer = once(child.stdout, 'data').then(([text]: unknown[]) => String(text));
  const kill = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return { pid: child.pid, answer, kill };
}

async function leftLock(home: string, owner: unknown): Promise<void> {
  await mkdir(join(home, LAUNCHER_LOCK));
  await writeFile(
    join(home, '.agent-bootstrapper.owner'),
    typeof owner === 'string' ? owner : JSON.stringify(owner),
  );
}

test('a second launcher is refused with the pid of the first and a remedy; after its end the lock is free', async () => {
  await using folder = await tempDir();
  const holder = startHolder(folder.path);
  expect(await holder.answer).toBe('locked');
  const refused = await lockHome(folder.path, systemClock);
  expect(refused.type === 'held' && refused.message).toMatch(new RegExp(`pid ${holder.pid}.*Remedy`));
  expect(existsSync(join(folder.path, LAUNCHER_LOCK))).toBe(true);
  await holder.kill();
  const result = await lockHome(folder.path, systemClock);
  expect(result.type).toBe('locked');
  if (result.type === 'locked') await result.lock[Symbol.asyncDispose]();
  expect(existsSync(join(folder.path, LAUNCHER_LOCK))).toBe(false);
});

test('of many that want the lock of a dead process at the same moment, one gets it', async () => {
  await using folder = await tempDir();
  await leftLock(folder.path, { pid: process.pid, startTime: 1, bootId: null });
  const holders = Array.from({ length: 6 }, () => startHolder(folder.path));
  try {
    const answers = await Promise.all(holders.map(({ answer }) => answer));
    expect(answers.filter((answer) => answer === 'locked')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(5);
  } finally {
    await Promise.all(holders.map(({ kill }) => kill()));
  }
});

for (const [title, owner] of [
  ['a process that is gone', { pid: 2 ** 22, startTime: 5, bootId: null }],
  ['a process whose pid another one has now', { pid: process.pid, startTime: 1, bootId: null }],
  [
    'a process from before the machine was started anew',
    { ...processIdentity(process.pid), bootId: 'another' },
  ],
] as const) {
  test(`the lock of ${title} is taken over at once`, async () => {
    await using folder = await tempDir();
    await leftLock(folder.path, owner);
    const result = await lockHome(folder.path, systemClock);
    expect(result.type).toBe('locked');
    if (result.type === 'locked') await result.lock[Symbol.asyncDispose]();
  });
}

test('the lock that a crashed launcher of this very process left is taken over; one that it holds is not', async () => {
  await using folder = await tempDir();
  await leftLock(folder.path, await thisProcess());
  const first = await lockHome(folder.path, systemClock);
  expect(first.type).toBe('locked');
  expect((await lockHome(folder.path, systemClock)).type).toBe('held');
  if (first.type === 'locked') await first.lock[Symbol.asyncDispose]();
});

test('a fresh lock with a damaged owner is waited for, an old one is taken over', async () => {
  await using folder = await tempDir();
  await leftLock(folder.path, '{"pid":');
  await expect(lockHome(folder.path, systemClock)).rejects.toMatchObject({
    code: 'launcher-lock-busy',
    retryable: true,
  });
  await utimes(join(folder.path, LAUNCHER_LOCK), 1, 1);
  const result = await lockHome(folder.path, systemClock);
  expect(result.type).toBe('locked');
  if (result.type === 'locked') await result.lock[Symbol.asyncDispose]();
});

for (const [title, change] of [
  ['in another container', { pidNamespace: 'pid:[1]' }],
  ['on another machine', { bootId: 'another', machine: 'another' }],
] as const) {
  const foreign = async () => ({ ...(await thisProcess()), ...change, pid: 2 ** 22 });

  test(`the lock of a process ${title} is held if it is renewed`, async () => {
    await using folder = await tempDir();
    await leftLock(folder.path, await foreign());
    const clock = new FakeClock(Date.now());
    const locking = lockHome(folder.path, clock);
    await clock.untilSleeping();
    await utimes(join(folder.path, LAUNCHER_LOCK), new Date(), Date.now() / 1000 + 10);
    await clock.advance(1_000);
    expect(await locking).toMatchObject({ type: 'held', message: expect.stringMatching(/container or/) });
  });

  test(`the lock of a process ${title} is taken if it is not renewed for 30 s, whatever the clocks say`, async () => {
    await using folder = await tempDir();
    await leftLock(folder.path, await foreign());
    await utimes(join(folder.path, LAUNCHER_LOCK), new Date(), Date.now() / 1000 + 3600);
    const clock = new FakeClock(Date.now());
    let result: LockResult | undefined;
    const locking = lockHome(folder.path, clock).then((end) => {
      result = end;
    });
    for (let seconds = 0; seconds < 30; seconds++) {
      await clock.untilSleeping();
      expect(result).toBeUndefined();
      await clock.advance(1_000);
    }
    await locking;
    if (result?.type !== 'locked') throw new Error('not locked');
    await result.lock[Symbol.asyncDispose]();
  });

  test(`the lock of a process ${title} that is 31 s old is taken at once`, async () => {
    await using folder = await tempDir();
    await leftLock(folder.path, await foreign());
    const old = Date.now() / 1000 - 31;
    await utimes(join(folder.path, LAUNCHER_LOCK), old, old);
    const result = await lockHome(folder.path, new FakeClock(Date.now()));
    if (result.type !== 'locked') throw new Error('not locked');
    await result.lock[Symbol.asyncDispose]();
  });
}

test('whoever is asked to stop waits for no lock', async () => {
  await using folder = await tempDir();
  await leftLock(folder.path, { ...(await thisProcess()), pidNamespace: 'pid:[1]' });
  const stop = new AbortController();
  const locking = lockHome(folder.path, new FakeClock(Date.now()), { signal: stop.signal });
  stop.abort();
  expect((await locking).type).toBe('held');
});

test('the lock file of a Java agent is respected for as long as Java does, and then replaced', async () => {
  await using folder = await tempDir();
  const file = join(folder.path, LAUNCHER_LOCK);
  await writeFile(file, '');
  const refused = await lockHome(folder.path, systemClock);
  expect(refused.type === 'held' && refused.message).toMatch(/Java GoCD agent/);
  const elevenMinutesAgo = Date.now() / 1000 - 660;
  await utimes(file, elevenMinutesAgo, elevenMinutesAgo);
  const result = await lockHome(folder.path, systemClock);
  expect(result.type).toBe('locked');
  if (result.type === 'locked') await result.lock[Symbol.asyncDispose]();
});

test('a lock that is taken away is noticed', async () => {
  await using folder = await tempDir();
  const result = await lockHome(folder.path, systemClock, { updateMs: 1_000 });
  if (result.type !== 'locked') throw new Error('not locked');
  await rmdir(join(folder.path, LAUNCHER_LOCK));
  await untilAborted(result.lock.lost);
  await result.lock[Symbol.asyncDispose]();
});

test('a home folder that cannot be written is an error with a remedy', async () => {
  await expect(lockHome('/proc/self', systemClock)).rejects.toMatchObject({ code: 'launcher-home-unusable' });
});
