import { expect, test } from 'vitest';
import { parseSubmodulePaths } from './submodules-of.ts';

test('reads names and paths with spaces, dots and slashes, and leaves out what leads elsewhere', () => {
  const entries = [
    ['a.b/c', 'libs/my lib/'],
    ['../evil', 'x'],
    ['evil', '../x'],
    ['root', '/etc'],
    ['sub.path', 'y'],
  ];
  const listing = entries.map(([name, path]) => `submodule.${name}.path\n${path}\0`).join('');
  expect(parseSubmodulePaths(listing)).toEqual([
    { name: 'a.b/c', path: 'libs/my lib' },
    { name: 'sub.path', path: 'y' },
  ]);
});
