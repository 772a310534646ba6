import { expect, test } from 'vitest';
import { ChunkSize } from './chunk-size.ts';

const KIB = 1024;

test('a chunk that is refused for its size is halved until it passes, down to 64 KiB', () => {
  const size = new ChunkSize();
  expect(size.bytes).toBe(4096 * KIB);
  size.refused(3000 * KIB);
  expect(size.bytes).toBe(1500 * KIB);
  for (let tries = 0; tries < 10; tries += 1) size.refused(size.bytes);
  expect(size.bytes).toBe(64 * KIB);
});

test('a small chunk that is refused says nothing about the size of others: the disk is full', () => {
  const size = new ChunkSize();
  size.refused(1000);
  expect(size.bytes).toBe(4096 * KIB);
});

test('after some that were accepted in a row larger ones are tried', () => {
  const size = new ChunkSize();
  size.refused(1024 * KIB);
  for (let count = 0; count < 63; count += 1) size.accepted();
  expect(size.bytes).toBe(512 * KIB);
  size.accepted();
  expect(size.bytes).toBe(1024 * KIB);
  for (let count = 0; count < 1000; count += 1) size.accepted();
  expect(size.bytes).toBe(4096 * KIB);
});
