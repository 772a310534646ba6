import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { findInstallation, putAssets } from './installation.ts';

const bytes = (text: string) => new TextEncoder().encode(text).buffer;

test('a script starts itself by its runtime, and its bundles lie beside it', async () => {
  const installation = findInstallation('/opt/go-agent/go-agent.mjs', '/usr/bin/node');
  expect(installation.self).toEqual(['/usr/bin/node', '/opt/go-agent/go-agent.mjs']);
  expect(installation.runner).toEqual([...installation.self, '__run']);
  expect(await installation.bundles('/home')).toBe('/opt/go-agent/bundles');
});

test('agents are run by the small script beside the program, if it is there', async () => {
  await using folder = await tempDir();
  const runner = join(folder.path, 'run-entry.mjs');
  await writeFile(runner, '');
  expect(findInstallation(join(folder.path, 'go-agent.mjs'), '/usr/bin/node').runner).toEqual([
    '/usr/bin/node',
    runner,
  ]);
});

test('carried files are put into the home, and only those that are missing or differ are written', async () => {
  await using home = await tempDir();
  const assets = new Map([
    ['bundles/agent.zip', bytes('agent')],
    ['bundles/root.json', bytes('root')],
    ['something/else', bytes('not a bundle')],
  ]);
  const folder = await putAssets(assets, home.path);
  expect(folder).toBe(join(home.path, 'data', 'carried'));
  expect((await readdir(folder)).toSorted()).toEqual(['agent.zip', 'root.json']);
  const inode = async (name: string) => (await stat(join(folder, name))).ino;
  const before = await inode('agent.zip');
  await writeFile(join(folder, 'root.json'), 'tampered with');
  await putAssets(assets, home.path);
  expect(await readFile(join(folder, 'root.json'), 'utf8')).toBe('root');
  expect(await inode('agent.zip')).toBe(before);
});
