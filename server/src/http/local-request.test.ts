import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { isLoopback, isToThisMachine } from './local-request.ts';

test.each([
  ['127.0.0.1', true],
  ['127.3.2.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['127.evil.example', false],
  ['::ffff:10.0.0.1', false],
  ['0.0.0.0', false],
])('%s is a loopback address: %s', (address, expected) => {
  expect(isLoopback(address)).toBe(expected);
});

test.each([
  [undefined, true],
  ['localhost', true],
  ['LOCALHOST:8153', true],
  ['127.0.0.1:8153', true],
  ['[::1]:8153', true],
  [`${hostname()}:8153`, true],
  ['evil.example', false],
  ['127.0.0.1.evil.example:8153', false],
  ['localhost.evil.example', false],
  ['10.0.0.1', false],
  ['', false],
  ['a b', false],
])('a request with Host %s is to this machine: %s', (host, expected) => {
  expect(isToThisMachine(host)).toBe(expected);
});
