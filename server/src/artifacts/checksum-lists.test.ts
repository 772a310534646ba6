import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SHA256_CHECKSUM } from '@go-agent/protocol';
import { smallDisk } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { recordChecksums, type StoredFile } from './checksum-lists.ts';
import { readSums } from './folder-manifest.ts';

const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('hex');
const stored = (path: string): StoredFile => ({
  path,
  md5: digest('md5', path),
  sha256: digest('sha256', path),
});

test('lines of which only some find room are a failure, and do not spoil those that come when there is room', async ({
  skip,
}) => {
  await using disk = await smallDisk('1m');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  await recordChecksums(disk.path, [stored('first')], 0);
  await writeFile(join(disk.path, 'filler'), Buffer.alloc(1024 * 1024)).catch(() => undefined);
  // The lists have one page of the disk each: the beginning fits into it.
  const many = Array.from({ length: 200 }, (_, at) => stored(`file ${at}`));
  await expect(recordChecksums(disk.path, many, 0)).rejects.toMatchObject({ code: 'ENOSPC' });
  await rm(join(disk.path, 'filler'));
  await recordChecksums(disk.path, many, 0);
  expect((await readSums(disk.path)).size).toBe(201);
  expect(await readFile(join(disk.path, SHA256_CHECKSUM), 'utf8')).toMatch(/\n$/);
});
