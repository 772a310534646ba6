import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { FileHashers } from './file-hashers.ts';

const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('hex');

test('a file is hashed while it grows, also after it was moved', async () => {
  await using folder = await tempDir();
  await using hashers = new FileHashers();
  const content = randomBytes(3_000_000);
  const path = join(folder.path, 'part');
  await writeFile(path, '');
  const hasher = hashers.open(path);
  for (let at = 0; at < content.length; at += 500_000) {
    await appendFile(path, content.subarray(at, at + 500_000));
    hasher.grown(Math.min(at + 500_000, content.length));
    if (at === 1_000_000) await rename(path, join(folder.path, 'moved'));
    if (at === 1_000_000) await rename(join(folder.path, 'moved'), path);
  }
  const whole = { md5: digest('md5', content), sha256: digest('sha256', content) };
  expect(await hasher.digests(content.length)).toMatchObject(whole);
  expect(await hasher.digests(content.length)).toMatchObject(whole);
  hasher.close();
});

test('many files at once do not disturb each other', async () => {
  await using folder = await tempDir();
  await using hashers = new FileHashers();
  const contents = Array.from({ length: 20 }, () => randomBytes(100_000));
  const results = await Promise.all(
    contents.map(async (content, number) => {
      const path = join(folder.path, String(number));
      await writeFile(path, content);
      const hasher = hashers.open(path);
      const { sha256 } = await hasher.digests(content.length);
      hasher.close();
      return sha256;
    }),
  );
  expect(results).toEqual(contents.map((content) => digest('sha256', content)));
});

test('a file that is shorter than it should be, or is not there, is an error and harms no other', async () => {
  await using folder = await tempDir();
  await using hashers = new FileHashers();
  const path = join(folder.path, 'short');
  await writeFile(path, 'abc');
  const [short, missing] = [hashers.open(path), hashers.open(join(folder.path, 'missing'))];
  await expect(short.digests(4)).rejects.toThrow('The file ends after 3 of 4 bytes');
  await expect(missing.digests(1)).rejects.toThrow('ENOENT');
  expect(await short.digests(3)).toMatchObject({ md5: digest('md5', Buffer.from('abc')) });
});

test('what a thread had hashed that has ended is hashed again by another', async () => {
  await using folder = await tempDir();
  await using hashers = new FileHashers();
  const content = randomBytes(100_000);
  const path = join(folder.path, 'part');
  await writeFile(path, content);
  const started = once(process, 'worker') as Promise<[Worker]>;
  const hasher = hashers.open(path);
  hasher.grown(content.length);
  const [worker] = await started;
  await worker.terminate();
  expect(await hasher.digests(content.length)).toMatchObject({ sha256: digest('sha256', content) });
  hasher.close();
});
