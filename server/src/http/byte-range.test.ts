import fc from 'fast-check';
import { expect, test } from 'vitest';
import { byteRange } from './byte-range.ts';

test('a range is cut to the size, counted from the end, or refused', () => {
  expect(byteRange('bytes=0-3', 10)).toEqual({ type: 'part', start: 0, end: 3 });
  expect(byteRange('bytes=8-99', 10)).toEqual({ type: 'part', start: 8, end: 9 });
  expect(byteRange('bytes=-4', 10)).toEqual({ type: 'part', start: 6, end: 9 });
  expect(byteRange('bytes=-40', 10)).toEqual({ type: 'part', start: 0, end: 9 });
  expect(byteRange('bytes=10-', 10)).toEqual({ type: 'unsatisfiable' });
  expect(byteRange('bytes=-0', 10)).toEqual({ type: 'unsatisfiable' });
  for (const header of [undefined, 'bytes=-', 'bytes=1-2,4-5', 'lines=1-2', 'bytes=5-2']) {
    expect(byteRange(header, 10)).toEqual({ type: 'whole' });
  }
});

test('no range leaves the file', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(1000), (first, last, size) => {
      const range = byteRange(`bytes=${first}-${last}`, size);
      if (range.type !== 'part') return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.end).toBeLessThan(size);
      expect(range.end).toBeGreaterThanOrEqual(range.start);
    }),
  );
});
