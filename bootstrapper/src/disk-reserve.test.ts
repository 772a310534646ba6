import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, fillDisk, smallDisk } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { SupervisorEvent } from './core/supervise.ts';
import { DiskReserve } from './disk-reserve.ts';

const runs: SupervisorEvent = { type: 'status', status: { phase: 'running' } };
const ended = (waitMs: number): SupervisorEvent => ({
  type: 'ended',
  end: { code: -273, lastedMs: 10 },
  step: { waitMs, history: { failures: 1, quick: 1 }, crashLoop: false },
});

test('room is kept, given up when a launch fails on a full disk, and taken again when there is plenty', async ({
  skip,
}) => {
  await using home = await smallDisk('80m');
  if (home === undefined) return skip('file systems cannot be mounted here');
  const data = join(home.path, 'data');
  await mkdir(data);
  const clock = new FakeClock();
  const said: string[] = [];
  const reserve = new DiskReserve(home.path, clock, (_level, message) => void said.push(message));
  const isKept = () => existsSync(join(data, 'reserve'));
  reserve.open();
  expect(isKept()).toBe(true);
  expect(reserve.note(ended(1000))).toBe(false);
  expect(isKept()).toBe(true);

  const ballast = join(home.path, 'ballast');
  fillDisk(ballast);
  // A launcher that makes way for another has not failed.
  expect(reserve.note(ended(0))).toBe(false);
  expect(isKept()).toBe(true);
  expect(reserve.note(ended(1000))).toBe(true);
  expect(isKept()).toBe(false);
  expect(said).toEqual([expect.stringContaining('is full')]);
  // There is room now, so that whatever fails is to blame.
  expect(reserve.note(ended(1000))).toBe(false);
  fillDisk(join(home.path, 'more'));
  expect(reserve.note(ended(1000))).toBe(true);
  await clock.advance(60_000);
  reserve.note(runs);
  expect(isKept()).toBe(false);

  await rm(ballast);
  await clock.advance(60_000);
  reserve.note(runs);
  expect(isKept()).toBe(true);
});

test('a bootstrapper that is started on a full disk gives the room up at once', async ({ skip }) => {
  await using home = await smallDisk('80m');
  if (home === undefined) return skip('file systems cannot be mounted here');
  await mkdir(join(home.path, 'data'));
  const open = () => new DiskReserve(home.path, new FakeClock(), () => undefined).open();
  open();
  fillDisk(join(home.path, 'ballast'));
  open();
  expect(existsSync(join(home.path, 'data', 'reserve'))).toBe(false);
});
