import { expect, test } from 'vitest';
import { globToRegExp, isFilteredOut } from './material-filter.ts';

test.each([
  ['docs/**', 'docs/a/b.md', true],
  ['docs/**', 'src/docs/a.md', false],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'a/b/c.md', true],
  ['*.md', 'a/b.md', false],
  ['a?c', 'abc', true],
  ['a.c', 'abc', false],
  ['src/**/x', 'src/x', true],
])('%s matches %s: %s', (glob, path, expected) => {
  expect(globToRegExp(glob).test(path)).toBe(expected);
});

test('`ignore` holds back a change whose files are all named, `includes` one of which none is', () => {
  const ignore = { mode: 'ignore', patterns: ['docs/**'] } as const;
  expect(isFilteredOut(ignore, ['docs/a', 'docs/b'])).toBe(true);
  expect(isFilteredOut(ignore, ['docs/a', 'src/b'])).toBe(false);
  const includes = { mode: 'includes', patterns: ['src/**'] } as const;
  expect(isFilteredOut(includes, ['docs/a'])).toBe(true);
  expect(isFilteredOut(includes, ['docs/a', 'src/b'])).toBe(false);
});

test('without patterns, or without files, nothing is held back', () => {
  expect(isFilteredOut({ mode: 'ignore', patterns: [] }, ['a'])).toBe(false);
  expect(isFilteredOut({ mode: 'ignore', patterns: ['**'] }, [])).toBe(false);
});
