import { expect, test } from 'vitest';
import { splitArguments } from './split-arguments.ts';

test.each([
  ['', []],
  ['a b', ['a', 'b']],
  ['  a   b ', ['a', 'b']],
  ['a\tb', ['a\tb']],
  [`-f "build file.xml" clean`, ['-f', 'build file.xml', 'clean']],
  [`a"b c"d 'e "f'`, ['ab cd', 'e "f']],
  [`a "" b`, ['a', 'b']],
  ['a\\ b', ['a\\', 'b']],
])('splits %j', (text, args) => {
  expect(splitArguments(text)).toEqual({ ok: true, args });
});

test('refuses an open quote', () => {
  expect(splitArguments('a "b')).toEqual({ ok: false, message: 'unbalanced quotes in a "b' });
});
