import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, parseProcessStat, processIdentity } from './process-identity.ts';

test('reads the fields behind a command with spaces and parentheses', () => {
  const line = '42 (a) b (c)) S 7 42 40 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 2 3 4';
  expect(parseProcessStat(line)).toEqual({
    pid: 42,
    state: 'S',
    ppid: 7,
    pgrp: 42,
    session: 40,
    startTime: 987654,
  });
  expect(parseProcessStat('')).toBeNull();
  expect(parseProcessStat('42 (half) S 7')).toBeNull();
});

test('knows a process while it runs and not after, and not one that got its number', async () => {
  const child = spawn('sleep', ['300'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const identity = processIdentity(child.pid!)!;

  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ pid: identity.pid, startTime: identity.startTime! - 1 })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
  expect(processIdentity(identity.pid)).toBeNull();
});

test('goes by the number alone where no start time is known', () => {
  expect(isAlive({ pid: process.pid, startTime: null })).toBe(true);
  expect(isAlive({ pid: 2 ** 22 + 1, startTime: null })).toBe(false);
});
