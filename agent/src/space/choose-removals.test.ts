import { expect, test } from 'vitest';
import { chooseRemovals } from './choose-removals.ts';

const NOW = 1_000_000;
const FOLDERS = [
  { path: 'newest', usedAt: NOW - 10, bytes: 50 },
  { path: 'oldest', usedAt: NOW - 1000, bytes: 30 },
  { path: 'middle', usedAt: NOW - 500, bytes: 20 },
];

test.each([
  ['nothing is removed within the bounds', { maxAgeMs: 1000, maxBytes: 100 }, 0, []],
  ['0 is no bound', { maxAgeMs: 0, maxBytes: 0 }, 0, []],
  ['what was not used for too long goes', { maxAgeMs: 499, maxBytes: 0 }, 0, ['oldest age', 'middle age']],
  ['the least recently used goes until the rest fits', { maxAgeMs: 0, maxBytes: 70 }, 0, ['oldest size']],
  [
    'one that is too big alone goes as well',
    { maxAgeMs: 0, maxBytes: 49 },
    0,
    ['oldest size', 'middle size', 'newest size'],
  ],
  ['a full disk gets what it lacks', { maxAgeMs: 0, maxBytes: 0 }, 31, ['oldest disk', 'middle disk']],
  ['nothing is removed for a disk that lacks more than all of it', { maxAgeMs: 0, maxBytes: 0 }, 101, []],
])('%s', (_title, limits, lacking, expected) => {
  const removals = chooseRemovals(FOLDERS, limits, NOW, lacking);
  expect(removals.map(({ path, why }) => `${path} ${why}`)).toEqual(expected);
});
