import { expect, test } from 'vitest';
import { untilAborted, withDeadline } from './deadline.ts';
import { FakeClock } from './testing/fake-clock.ts';

const never = () => new Promise<never>(() => undefined);

test('gives back what the work gives, and leaves no sleep behind', async () => {
  const clock = new FakeClock();
  expect(await withDeadline(() => Promise.resolve(7), 1000, clock)).toBe(7);
  await expect(withDeadline(() => Promise.reject(new Error('own')), 1000, clock)).rejects.toThrow('own');
  expect(clock.sleeping()).toEqual([]);
});

test('fails at the deadline and aborts the work', async () => {
  const clock = new FakeClock();
  let seen: AbortSignal | undefined;
  const running = withDeadline(
    (signal) => {
      seen = signal;
      return never();
    },
    1000,
    clock,
  );
  const failure = expect(running).rejects.toMatchObject({ code: 'deadline-exceeded', retryable: true });
  await clock.advance(999);
  expect(seen?.aborted).toBe(false);
  await clock.advance(1);
  await failure;
  expect(seen?.aborted).toBe(true);
});

test('fails with the reason of the signal that ends it early, also if that was before', async () => {
  const clock = new FakeClock();
  const stop = new AbortController();
  const running = withDeadline(never, 1000, clock, stop.signal);
  stop.abort(new Error('stopping'));
  await expect(running).rejects.toThrow('stopping');
  await expect(withDeadline(never, 1000, clock, stop.signal)).rejects.toThrow('stopping');
  expect(clock.sleeping()).toEqual([]);
});

test('waits for an abort, at once if it has been', async () => {
  const stop = new AbortController();
  const waiting = untilAborted(stop.signal);
  stop.abort();
  await waiting;
  await untilAborted(stop.signal);
});
