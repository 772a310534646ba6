import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ClockWatch } from './clock-watch.ts';

const HOUR_MS = 3_600_000;

test('a clock that is set back is not relied upon, until it is set forward again', async () => {
  const clock = new FakeClock();
  const watch = new ClockWatch(clock);
  expect(watch.look()).toBeUndefined();
  clock.setNow(clock.now() - HOUR_MS);
  expect(watch.look()).toBe('The clock of this machine was set back by 3600 s');
  await clock.advance(2000);
  expect(watch.look()).toContain('set back by 3600 s');
  clock.setNow(clock.now() + HOUR_MS);
  expect(watch.look()).toBeUndefined();
});

test('a clock that was ahead and is put right is relied upon as soon as the server says so, not before', () => {
  const clock = new FakeClock();
  const watch = new ClockWatch(clock);
  watch.noteServerTime(clock.now() - HOUR_MS);
  expect(watch.look()).toBeUndefined();
  clock.setNow(clock.now() - HOUR_MS);
  expect(watch.look()).toBeDefined();
  watch.noteServerTime(clock.now() + HOUR_MS);
  expect(watch.look()).toBeDefined();
  watch.noteServerTime(clock.now() + 1000);
  expect(watch.look()).toBeUndefined();
});

test('a server that tells no time is waited for ten minutes; jumps forward and small corrections do not matter', async () => {
  const clock = new FakeClock();
  const watch = new ClockWatch(clock);
  clock.setNow(clock.now() + 20 * HOUR_MS);
  expect(watch.look()).toBeUndefined();
  clock.setNow(clock.now() - 5000);
  expect(watch.look()).toBeUndefined();
  clock.setNow(clock.now() - HOUR_MS);
  expect(watch.look()).toBeDefined();
  await clock.advance(599_000);
  expect(watch.look()).toBeDefined();
  await clock.advance(1000);
  expect(watch.look()).toBeUndefined();
});
