import { expect, test } from 'vitest';
import { isMatch, nextState, parseAntPattern, startState } from './ant-pattern.ts';

function matches(source: string, path: string): boolean {
  const pattern = parseAntPattern(source);
  let state = startState(pattern);
  for (const name of path === '' ? [] : path.split('/')) state = nextState(pattern, state, name);
  return isMatch(pattern, state);
}

test.each([
  ['target/*.jar', 'target/a.jar', true],
  ['target/*.jar', 'target/s/a.jar', false],
  ['target/*.jar', 'Target/a.jar', false],
  ['target/**/*.xml', 'target/a.xml', true],
  ['target/**/*.xml', 'target/s/t/a.xml', true],
  ['**/*.txt', 'a.txt', true],
  ['**/*.txt', 'x/y/.hidden/a.txt', true],
  ['*', '.git', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['dir/', 'dir', true],
  ['dir/', 'dir/x/y', true],
  ['dir/**', 'dir', true],
  ['**', '', true],
  ['/abs/a', 'abs/a', true],
  ['back\\slash\\*', 'back/slash/a', true],
  ['{a,b}', 'a', false],
  ['{a,b}', '{a,b}', true],
  ['[ab]', 'a', false],
  ['./x', 'x', false],
  ['a,b', 'a', false],
  ['**/a/**/b', 'x/a/a/y/b', true],
  ['**/a/**/b', 'x/b', false],
  ['a**b', 'axxb', true],
])('%s against %s: %s', (source, path, expected) => {
  expect(matches(source, path)).toBe(expected);
});
