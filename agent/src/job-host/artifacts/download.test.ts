import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { type Download, download } from './download.ts';

test('a download whose checksum this system cannot compute leaves nothing behind', async () => {
  await using folder = await tempDir();
  // As MD5 is where it is forbidden.
  const algorithm = 'forbidden' as Download['algorithm'];
  const target = join(folder.path, 'target');
  const what = { path: '/', target, algorithm, canResume: false, verify: () => undefined };
  await expect(download(what, {} as Parameters<typeof download>[1])).rejects.toThrow('Digest method');
  expect(await readdir(folder.path)).toEqual([]);
});
