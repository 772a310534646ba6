import { expect, test } from 'vitest';
import { judgeDisk } from './judge-disk.ts';

test.each([
  [{ freeBytes: 100, freeInodes: Infinity }, undefined],
  [
    { freeBytes: 99, freeInodes: 5000 },
    { reason: '99 of at least 100 bytes are free', lackingBytes: 1 },
  ],
  [
    { freeBytes: 100, freeInodes: 999 },
    { reason: '999 of at least 1000 inodes are free', lackingBytes: 1 },
  ],
])('with %o free and a limit of 100 bytes, the shortage is %o', (space, shortage) => {
  expect(judgeDisk(space, 100)).toEqual(shortage);
});
