import { expect, test } from 'vitest';
import { caseInsensitiveString } from './case-insensitive-string.ts';

test.each([
  ['App', 96801],
  ['upstream', 1769520603],
  ['build', 94094958],
  ['upstream-mat', 1626763886],
  ['pm', 3581],
  ['prs', 111281],
  ['', 0],
  ['polygenelubricants', -(2 ** 31)],
])('the hash code of %j is that of Java', (name, hashCode) => {
  expect(caseInsensitiveString(name)).toEqual({ name, hashCode });
});
