import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { extractZip } from './extract-zip.ts';

const options = { verify: () => undefined, signal: new AbortController().signal };

async function zipOf(path: string, files: Readonly<Record<string, string>>): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await pipeline(zip.outputStream as Readable, createWriteStream(path));
  return path;
}

test('unpacking a zip touches no file but those that it has, whatever they are called', async () => {
  await using dir = await tempDir();
  const target = join(dir.path, 'target');
  await mkdir(target);
  await writeFile(join(target, 'mine.part'), 'my own');
  const files = { 'a.part': 'the part', a: 'whole', mine: 'theirs' };
  await extractZip(await zipOf(join(dir.path, 'a.zip'), files), target, options);
  const read = async (name: string) => [name, await readFile(join(target, name), 'utf8')];
  const found = await Promise.all((await readdir(target)).map(read));
  expect(Object.fromEntries(found)).toEqual({ ...files, 'mine.part': 'my own' });
});
