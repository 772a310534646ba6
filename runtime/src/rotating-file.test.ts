import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RotatingFile } from './rotating-file.ts';
import { tempDir } from './testing/temp-dir.ts';

test('starts a new file before one grows too large, and keeps so many old ones', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'logs', 'agent.log');
  using file = new RotatingFile({ path, maxBytes: 10, keep: 2 });

  for (const line of ['one...\n', 'two...\n', 'three.\n', 'four..\n', '5\n']) file.write(line);

  expect((await readdir(join(dir.path, 'logs'))).toSorted()).toEqual([
    'agent.log',
    'agent.log.1',
    'agent.log.2',
  ]);
  expect(await readFile(path, 'utf8')).toBe('four..\n5\n');
  expect(await readFile(`${path}.1`, 'utf8')).toBe('three.\n');
  expect(await readFile(`${path}.2`, 'utf8')).toBe('two...\n');
});

test('goes on with the file of an earlier run, and counts what is in it', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'agent.log');
  await writeFile(path, '12345678\n');
  using file = new RotatingFile({ path, maxBytes: 10, keep: 1 });
  file.write('next\n');
  expect(await readFile(`${path}.1`, 'utf8')).toBe('12345678\n');
});

test('keeps no old file when asked to', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'agent.log');
  using file = new RotatingFile({ path, maxBytes: 5, keep: 0 });
  file.write('first\n');
  file.write('second\n');
  expect(await readdir(dir.path)).toEqual(['agent.log']);
  expect(await readFile(path, 'utf8')).toBe('second\n');
});

test('writes under its name again after the file was moved away', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'agent.log');
  using file = new RotatingFile({ path });
  file.write('before\n');
  await rename(path, `${path}.moved`);
  file.reopen();
  file.write('after\n');
  expect(await readFile(path, 'utf8')).toBe('after\n');
});

test.skipIf(!existsSync('/dev/full'))('does not throw when the disk is full, and counts what is lost', () => {
  using file = new RotatingFile({ path: '/dev/full' });
  file.write('lost\n');
  file.write('lost\n');
  expect(file.dropped).toBe(2);
});

test('drops what cannot be written and goes on once it can', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'logs', 'agent.log');
  await writeFile(join(dir.path, 'logs'), 'a file in the way');
  using file = new RotatingFile({ path });
  file.write('lost\n');
  await rm(join(dir.path, 'logs'));
  await mkdir(join(dir.path, 'logs'));
  file.write('kept\n');
  expect(file.dropped).toBe(1);
  expect(await readFile(path, 'utf8')).toBe('kept\n');
});
