import { expect, test } from 'vitest';
import { trimMemory } from './trim-memory.ts';

test('garbage that nothing else would collect is gone afterwards, and nobody can force a collection by accident', () => {
  let garbage: string[] | undefined = Array.from({ length: 300_000 }, (_, i) => `garbage ${i}`);
  const full = process.memoryUsage().heapUsed;
  expect(garbage).toHaveLength(300_000);
  garbage = undefined;
  trimMemory();
  expect(process.memoryUsage().heapUsed).toBeLessThan(full - 5_000_000);
  expect(globalThis.gc).toBeUndefined();
});
