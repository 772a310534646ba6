import { expect, test } from 'vitest';
import { serverWorkMs } from './server-work.ts';

test.each([
  ['POST', '/go/remoting/files/p/1/s/1/j/pkg?attempt=1', 1_800_000],
  ['PUT', '/go/remoting/files/p/1/s/1/j/a?upload=x', 1_800_000],
  ['GET', '/go/remoting/files/p/1/s/1/j/a?sha1=abc', 1_800_000],
  ['GET', '/go/remoting/files/p/1/s/1/j/sha1=a', 0],
  ['HEAD', '/go/remoting/files/p/1/s/1/j/a?upload=x', 0],
  ['QUERY', '/go/remoting/files/p/1/s/1/j/dir', 0],
])('before it answers %s %s the server may work for %i ms', (method, url, expected) => {
  expect(serverWorkMs(method, url)).toBe(expected);
});
