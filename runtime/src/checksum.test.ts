import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { HashingTransform, hashFile } from './checksum.ts';
import { tempDir } from './testing/temp-dir.ts';

test('computes the checksum of a file larger than one read', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'big');
  const content = Buffer.alloc(3_000_000, 'ab\n');
  await writeFile(path, content);
  expect(await hashFile(path, 'md5')).toBe(createHash('md5').update(content).digest('hex'));
  expect(await hashFile(path, 'sha256')).toBe(createHash('sha256').update(content).digest('hex'));
  await expect(hashFile(join(dir.path, 'none'), 'md5')).rejects.toThrow('ENOENT');
  await expect(hashFile(path, 'md5', AbortSignal.abort())).rejects.toThrow();
});

test('passes bytes on and computes all checksums in one pass', async () => {
  const hashing = new HashingTransform();
  expect(() => hashing.checksums).toThrow('before the stream had ended');
  expect(await buffer(Readable.from([Buffer.from('hel'), Buffer.from('lo')]).pipe(hashing))).toEqual(
    Buffer.from('hello'),
  );
  expect(hashing.checksums).toEqual({
    md5: '5d41402abc4b2a76b9719d911017c592',
    sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    bytes: 5,
  });
});
