import { expect, test } from 'vitest';
import { isSameRemote } from './same-remote.ts';

test.each([
  ['https://host/r.git', 'https://bob:pw@host/r.git', true],
  ['https://host/r.git/', 'https://HOST/r.git', true],
  ['file:///srv/r', '/srv/r', true],
  ['https://host/a%20b', 'https://host/a b', true],
  ['https://host/a', 'https://host/b', false],
  ['git@host:r', 'git@other:r', false],
])('%s and %s are the same: %s', (one, other, same) => {
  expect(isSameRemote(one, other)).toBe(same);
});
