import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from './fake-clock.ts';
import { killLeftovers, leftovers } from './leftovers.ts';
import { tempDir } from './temp-dir.ts';
import { waitFor } from './wait-for.ts';

const signal = new AbortController().signal;

test('wakes sleepers in order, each at its own time, also those that sleep again', async () => {
  const clock = new FakeClock(1000);
  const woken: string[] = [];
  const sleeper = async (name: string, ...waits: number[]) => {
    for (const ms of waits) {
      await clock.sleep(ms, signal);
      woken.push(`${name} ${clock.now()}`);
    }
  };
  const all = [sleeper('a', 30, 30), sleeper('b', 20)];
  expect(clock.sleeping()).toEqual([20, 30]);

  await clock.advance(59);
  expect(woken).toEqual(['b 1020', 'a 1030']);
  await clock.advance(1);
  await Promise.all(all);
  expect(woken.at(-1)).toBe('a 1060');
  expect(clock.monotonic()).toBe(60);
});

test('a jump of the wall clock wakes nobody', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const sleeping = clock.sleep(1000, stop.signal);
  clock.setNow(Date.UTC(2030, 0, 1));
  expect(clock.now()).toBe(Date.UTC(2030, 0, 1));
  expect(clock.monotonic()).toBe(0);
  expect(clock.sleeping()).toEqual([1000]);
  stop.abort();
  expect(await sleeping).toBe(false);
});

test('tells when the code under test has reached its wait', async () => {
  const clock = new FakeClock();
  const reached = clock.untilSleeping(2);
  void clock.sleep(1, signal);
  void clock.sleep(2, signal);
  await reached;
  await clock.advance(2);
});

test('a temporary folder is gone after its scope, with its content', async () => {
  let path: string;
  {
    await using dir = await tempDir();
    path = dir.path;
    await writeFile(join(path, 'file'), 'x');
    expect(path.length).toBeLessThan(60);
  }
  expect(existsSync(path)).toBe(false);
});

test('waitFor gives back the first truthy answer, and fails with the last other one', async () => {
  let calls = 0;
  expect(await waitFor(() => (++calls < 3 ? null : calls), { intervalMs: 1 })).toBe(3);
  await expect(waitFor(() => 0, { timeoutMs: 5, describe: 'a rise' })).rejects.toThrow(
    'Waited 5 ms for a rise; at last: it was 0',
  );
  const failing = () => {
    throw new Error('not yet');
  };
  await expect(waitFor(failing, { timeoutMs: 5 })).rejects.toThrow('at last: not yet');
});

test('finds a process that was left behind by its environment or command line, and ends it', async () => {
  const mark = `left-${process.pid}-${Date.now()}`;
  const child = spawn('sleep', ['300'], { env: { ...process.env, MARK: mark }, stdio: 'ignore' });
  await once(child, 'spawn');
  // A process that is just being executed shows neither.
  const found = await waitFor(() => (leftovers(mark).length > 0 ? leftovers(mark) : undefined));
  expect(found).toEqual([{ pid: child.pid, parentPid: process.pid, command: 'sleep 300' }]);
  const ended = once(child, 'exit');
  await killLeftovers(mark);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(leftovers(mark)).toEqual([]);
});
