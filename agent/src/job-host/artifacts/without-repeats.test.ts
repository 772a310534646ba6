import { expect, test } from 'vitest';
import { withoutRepeats } from './without-repeats.ts';

test('leaves out a folder that the one above it carries to the same place, and no other', () => {
  const folder = (path: string, dest: string) => ({ path, dest, isFolder: true });
  // What `d/**` to `pkg` matches.
  const matches = [
    folder('d', 'pkg'),
    folder('d/s', 'pkg'),
    folder('d/s/t', 'pkg/s'),
    folder('d/s/t/u', 'pkg/s/t'),
  ];
  expect(withoutRepeats(matches).map(({ path }) => path)).toEqual(['d', 'd/s']);
});
