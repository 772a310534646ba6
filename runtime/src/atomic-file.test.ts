import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { appendDurable, readJsonFile, writeFileAtomic } from './atomic-file.ts';
import { tempDir } from './testing/temp-dir.ts';

test('replaces a file with the given mode and leaves no other file', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'token');
  await writeFile(path, 'old', { mode: 0o644 });

  await writeFileAtomic(path, 'new', { mode: 0o600 });

  expect(await readFile(path, 'utf8')).toBe('new');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dir.path)).toEqual(['token']);
});

test('leaves the old content and no other file when the replacement fails', async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, 'target', 'inside'), { recursive: true });

  await expect(writeFileAtomic(join(dir.path, 'target'), 'new')).rejects.toThrow(/EISDIR|ENOTEMPTY/);

  expect(await readdir(dir.path)).toEqual(['target']);
});

test('tells a missing, a damaged and a good JSON file apart', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'state.json');
  const read = () =>
    readJsonFile(path, (parsed) => {
      if (typeof parsed !== 'number') throw new Error('not a number');
      return parsed;
    });

  expect(await read()).toEqual({ kind: 'missing' });
  await writeFile(path, '{"half":');
  expect(await read()).toMatchObject({ kind: 'corrupt', error: { name: 'SyntaxError' } });
  await writeFile(path, '"text"');
  expect(await read()).toMatchObject({ kind: 'corrupt', error: { message: 'not a number' } });
  await writeFile(path, '7');
  expect(await read()).toEqual({ kind: 'ok', value: 7 });
  await expect(readJsonFile(dir.path, () => 1)).rejects.toThrow('EISDIR');
});

test('appends to a file, which it makes if need be', async () => {
  await using dir = await tempDir();
  const path = join(dir.path, 'events.jsonl');
  await appendDurable(path, 'one\n', 0o600);
  await appendDurable(path, Buffer.from('two\n'));
  expect(await readFile(path, 'utf8')).toBe('one\ntwo\n');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
