import { expect, test } from 'vitest';
import { splitCredentials } from './url-credentials.ts';

test.each([
  ['https://host/r', 'https://host/r', 'https://host/r', []],
  ['https://bob:p%40ss@host/r', 'https://host/r', 'https://bob:******@host/r', ['p%40ss', 'p@ss']],
  ['https://token@host/r', 'https://host/r', 'https://******@host/r', ['token']],
  ['https://token:@host/r', 'https://host/r', 'https://******@host/r', ['token']],
  ['https://bob:a@b@host/r', 'https://host/r', 'https://bob:******@host/r', ['a@b']],
  ['ssh://git@host/r', 'ssh://git@host/r', 'ssh://git@host/r', []],
  ['ssh://git:pw@host/r', 'ssh://git@host/r', 'ssh://git:******@host/r', ['pw']],
  ['git@host:r@1', 'git@host:r@1', 'git@host:r@1', []],
  ['/srv/r@1', '/srv/r@1', '/srv/r@1', []],
])('%s', (text, url, masked, secrets) => {
  expect(splitCredentials(text)).toMatchObject({ url, masked, secrets });
});
