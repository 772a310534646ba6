import { expect, test } from 'vitest';
import { socketPath } from './socket-path.ts';

test('takes the shorter of the absolute path and the one from the current folder', () => {
  expect(socketPath('/a/very/long/home/jobs/7/host.sock', '/a/very/long/home')).toBe('jobs/7/host.sock');
  expect(socketPath('/tmp/x.sock', '/a/very/long/home')).toBe('/tmp/x.sock');
  expect(socketPath('jobs/x.sock', '/h')).toBe('jobs/x.sock');
});

test('takes 107 bytes, counted as UTF-8, and refuses more', () => {
  expect(socketPath(`/${'x'.repeat(106)}`, '/elsewhere')).toHaveLength(107);
  expect(() => socketPath(`/${'x'.repeat(107)}`, '/elsewhere')).toThrow(/has 108 bytes.*shorter path/);
  expect(() => socketPath(`/${'ü'.repeat(60)}`, '/elsewhere')).toThrow(
    expect.objectContaining({ code: 'socket-path-too-long' }),
  );
});
