import { expect, test } from 'vitest';
import { percentile, summarise } from './statistics.ts';

test('a percentile is the measured value at the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 1)).toBe(100);
  expect(percentile([7], 0.99)).toBe(7);
});

test('a summary does not depend on the order of the samples', () => {
  expect(summarise([3, 1, 2])).toEqual({ runs: 3, min: 1, median: 2, p95: 3, p99: 3, max: 3 });
});
