import { expect, test } from 'vitest';
import { RetryQueue } from './retry-queue.ts';

const queue = () => new RetryQueue({ atOnce: 10, expectedMs: 1000 });

test('those who find the server busy come back one after the other, as fast as it serves', () => {
  const waiting = queue();
  const waits = Array.from({ length: 1000 }, (_, number) => waiting.waitMs(`agent-${number}`, 5000));
  expect(waits[0]).toBe(1000);
  expect(waits[999]).toBeCloseTo(1000 + 999 * 150);
});

test('who asks again before its time hears the same time, and takes no second place', () => {
  const waiting = queue();
  const first = waiting.waitMs('a', 0);
  for (let now = 0; now < 900; now += 100) expect(waiting.waitMs('a', now)).toBe(first - now);
  expect(waiting.waitMs('b', 900)).toBeCloseTo(1000);
});

test('what downloads really take decides how far apart the others come back', () => {
  const waiting = queue();
  for (let number = 0; number < 50; number++) waiting.served(`s${number}`, 200);
  waiting.waitMs('a', 0);
  expect(waiting.waitMs('b', 0) - 1000).toBeCloseTo(30, 0);
});

test('nobody is sent away for more than an hour', () => {
  const waiting = new RetryQueue({ atOnce: 1, expectedMs: 600_000 });
  for (let number = 0; number < 100; number++)
    expect(waiting.waitMs(`a${number}`, 0)).toBeLessThanOrEqual(3_600_000);
});
