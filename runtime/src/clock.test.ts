import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('a sleep that runs out is true, and takes its time', async () => {
  const startedAt = systemClock.monotonic();
  expect(await systemClock.sleep(20, new AbortController().signal)).toBe(true);
  expect(systemClock.monotonic() - startedAt).toBeGreaterThan(15);
});

test('a sleep that is aborted, before or while it runs, is false at once', async () => {
  const abort = new AbortController();
  const sleeping = systemClock.sleep(60_000, abort.signal);
  abort.abort();
  expect(await sleeping).toBe(false);
  expect(await systemClock.sleep(60_000, abort.signal)).toBe(false);
});

test.each([2 ** 31, 2 ** 40, Infinity])(
  'a sleep of %d ms, more than a timer can wait, does not end at once',
  async (ms) => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(ms, abort.signal);
    const first = await Promise.race([
      sleeping,
      systemClock.sleep(20, abort.signal).then(() => 'the short one'),
    ]);
    expect(first).toBe('the short one');
    abort.abort();
    expect(await sleeping).toBe(false);
  },
);
