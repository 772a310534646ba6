import { expect, test } from 'vitest';
import { cacheFolderOf, isWorthCaching } from './cache-folder.ts';

test('each repository has a folder of its own, whose name tells which it is', () => {
  const folders = ['https://h/app.git', 'https://h/app', 'https://h/App', 'https://h/x/app', 'git@h:app.git'];
  const mirrors = folders.map((url) => cacheFolderOf('/home', url).mirror);
  expect(new Set(mirrors).size).toBe(folders.length);
  expect(mirrors[0]).toMatch(/^\/home\/data\/git-cache\/app-[0-9a-f]{32}\.git$/);
  expect(cacheFolderOf('/home', 'https://h/app.git/').mirror).toBe(mirrors[0]);
});

test.each([
  ['https://host/r', true],
  ['git@host:r', true],
  ['host:r', true],
  ['file:///srv/r', true],
  ['/srv/r', false],
  ['../r', false],
  ['C:\\r', false],
])('%s is worth caching: %s', (url, worth) => {
  expect(isWorthCaching(url)).toBe(worth);
});
