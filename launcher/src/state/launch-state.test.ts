import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { decodeState, emptyState } from './launch-state.ts';
import { StateFile } from './state-file.ts';

const md5 = 'a'.repeat(32);

test('whatever is no state is the empty one', () => {
  for (const value of [null, 7, 'x', [], { launcher: 3, agent: null }])
    expect(decodeState(value)).toMatchObject(emptyState);
});

test('a damaged part is dropped, the rest and what a later version added are kept', () => {
  const value = {
    launcher: { current: '../../etc/passwd', lastGood: md5, quarantined: [md5, { md5, reason: 'r', at: 1 }] },
    agent: { current: md5, refused: { md5 }, probation: { md5, since: 1 }, quarantined: 'all' },
    ring: 'canary',
  };
  expect(decodeState(value)).toEqual({
    version: 1,
    launcher: { lastGood: md5, quarantined: [{ md5, reason: 'r', at: 1 }] },
    agent: { current: md5 },
    plugins: {},
    ring: 'canary',
  });
});

test('an update is on the disk when it resolves; a field given as undefined goes', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  const file = join(folder.path, 'data', 'state.json');
  await writeFile(
    file,
    JSON.stringify({ agent: { current: md5, refused: { md5, reason: 'r', at: 1 } }, ring: 'canary' }),
  );
  const state = await StateFile.open(folder.path);
  await state.update('agent', { lastGood: md5, refused: undefined });
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
    version: 1,
    launcher: {},
    agent: { current: md5, lastGood: md5 },
    plugins: {},
    ring: 'canary',
  });
});

test('updates at the same time are made one after the other, and none is lost', async () => {
  await using folder = await tempDir();
  await mkdir(join(folder.path, 'data'));
  const state = await StateFile.open(folder.path);
  await Promise.all([
    state.update('agent', { current: md5 }),
    state.update('launcher', { current: md5 }),
    state.update('agent', { lastGood: md5 }),
  ]);
  const read = await StateFile.open(folder.path);
  expect(read.state).toMatchObject({ agent: { current: md5, lastGood: md5 }, launcher: { current: md5 } });
});
