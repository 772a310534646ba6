import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { parseAntPattern } from './ant-pattern.ts';
import { findMatches } from './find-matches.ts';

async function tree(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), file);
  }
}

async function find(root: string, source: string): Promise<string[]> {
  const matches = await findMatches(root, parseAntPattern(source), new AbortController().signal);
  return matches.map(({ path, isFolder }) => (isFolder ? `${path}/` : path));
}

test('takes a folder that matches whole, and not once more the files directly in it', async () => {
  await using dir = await tempDir();
  await tree(dir.path, ['d/a', 'd/s/b', 'd/s/t/c', 'e']);
  expect(await find(dir.path, 'd')).toEqual(['d/']);
  expect(await find(dir.path, 'd/*')).toEqual(['d/a', 'd/s/']);
  expect(await find(dir.path, 'd/**')).toEqual(['d/', 'd/s/', 'd/s/t/']);
  expect(await find(dir.path, '**/c')).toEqual(['d/s/t/c']);
});

test('never leaves the folder, and finds nothing where nothing is', async () => {
  await using dir = await tempDir();
  await tree(dir.path, ['in/a', 'secret']);
  const root = join(dir.path, 'in');
  for (const source of ['../secret', '**/../secret', './a', 'none', 'none/**', '../*']) {
    expect(await find(root, source)).toEqual([]);
  }
});

test('follows links, but not in circles, and passes over those to nowhere', async () => {
  await using dir = await tempDir();
  await tree(dir.path, ['d/a', 'other/b']);
  await symlink(dir.path, join(dir.path, 'd/loop'));
  await symlink(join(dir.path, 'other'), join(dir.path, 'd/link'));
  await symlink('nowhere', join(dir.path, 'd/broken'));
  expect(await find(join(dir.path, 'd'), '**/b')).toEqual(['link/b', 'loop/other/b']);
  expect(await find(dir.path, 'd/broken')).toEqual([]);
});
