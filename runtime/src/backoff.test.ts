import { expect, test } from 'vitest';
import { backoffDelay } from './backoff.ts';

const policy = { firstMs: 1000, factor: 1.5, maxMs: 10_000 };

test('grows by the factor from the first delay to the longest', () => {
  const delays = [0, 1, 2, 5, 6, 100_000].map((attempt) => backoffDelay(policy, attempt));
  expect(delays).toEqual([1000, 1500, 2250, 7594, 10_000, 10_000]);
});

test('takes the random share away from the delay', () => {
  expect(backoffDelay({ ...policy, jitter: 0.2 }, 0, () => 0)).toBe(1000);
  expect(backoffDelay({ ...policy, jitter: 0.2 }, 0, () => 0.5)).toBe(900);
});
