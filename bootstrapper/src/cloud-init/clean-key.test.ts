import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cleanKey, maskKey } from './clean-key.ts';

test('a key is masked wherever it stands, plain or in base64, and nothing else is changed', () => {
  const key = fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 40 });
  const around = fc.string({ unit: fc.constantFrom('<', '>', '\n'), maxLength: 20 });
  fc.assert(
    fc.property(key, around, around, (key, before, after) => {
      const masked = maskKey(Buffer.from(`${before}${key}${after}`), key).toString();
      expect(masked).toBe(`${before}${'x'.repeat(key.length)}${after}`);
      const encoded = Buffer.from(`${before}${key}${after}`).toString('base64');
      const decoded = Buffer.from(maskKey(Buffer.from(encoded), key).toString(), 'base64').toString('latin1');
      expect(decoded).toHaveLength(before.length + key.length + after.length);
      // What shares a base64 letter with its neighbours may stay: at most the outermost characters.
      expect(decoded.includes(key.slice(1, -1))).toBe(false);
    }),
  );
});

test("cloud-init's files lose the key in place, and keep their size and all else", async () => {
  await using root = await tempDir();
  const instance = join(root.path, 'var/lib/cloud/instances/i-1');
  await mkdir(instance, { recursive: true });
  await mkdir(join(root.path, 'run/cloud-init'), { recursive: true });
  const files = {
    [join(instance, 'user-data.txt')]: 'content: "open-sesame\\n"',
    [join(root.path, 'run/cloud-init/instance-data-sensitive.json')]: '{"a":"open-sesame","b":1}',
    [join(instance, 'vendor-data.txt')]: 'nothing of it',
  };
  for (const [path, text] of Object.entries(files)) await writeFile(path, text);
  const [userData = '', instanceData = '', vendorData = ''] = Object.keys(files);
  const inode = (await stat(userData)).ino;
  expect((await cleanKey('open-sesame', root.path)).toSorted()).toEqual([userData, instanceData].toSorted());
  expect(await readFile(userData, 'utf8')).toBe('content: "xxxxxxxxxxx\\n"');
  expect(await readFile(instanceData, 'utf8')).toBe('{"a":"xxxxxxxxxxx","b":1}');
  expect(await readFile(vendorData, 'utf8')).toBe('nothing of it');
  expect((await stat(userData)).ino).toBe(inode);
});
