import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bindGuid, foreignGuid, type GuidBinding, guidPlace, readGuidBinding } from './guid-binding.ts';
import { tempDir } from './testing/temp-dir.ts';

test('a guid is bound to its machine and home, in a file that others cannot read', async () => {
  await using folder = await tempDir();
  expect(await readGuidBinding(folder.path)).toBeUndefined();
  const bound = await bindGuid(folder.path, 'g-1', Date.UTC(2026, 0, 2));
  expect(bound).toMatchObject({ guid: 'g-1', home: folder.path, since: '2026-01-02T00:00:00.000Z' });
  expect(await readGuidBinding(folder.path)).toEqual(bound);
  expect((await stat(join(folder.path, 'config', 'guid-of.json'))).mode & 0o777).toBe(0o600);
  expect(foreignGuid(bound, 'g-1', await guidPlace(folder.path))).toBeUndefined();
});

test('a home that was moved has a guid of another home', async () => {
  await using folder = await tempDir();
  const before = join(folder.path, 'before');
  await bindGuid(before, 'g-1', 0);
  const after = join(folder.path, 'after');
  await rename(before, after);
  const foreign = foreignGuid(await readGuidBinding(after), 'g-1', await guidPlace(after));
  expect(foreign).toBe(`it was made for another home folder, ${before}`);
});

const here = { machine: 'm1', hostName: 'here', home: '/h' };
const binding: GuidBinding = { ...here, guid: 'g', since: '' };

test.each([
  ['no binding', undefined, 'g', undefined],
  ['the same place', binding, 'g', undefined],
  ['a guid that somebody put in by hand', binding, 'other', undefined],
  [
    'another machine',
    { ...binding, machine: 'm2', hostName: 'there' },
    'g',
    'it was made on another machine, there, in /h',
  ],
  ['a machine without an id', { ...binding, machine: null }, 'g', undefined],
])('%s', (_, bound, guid, foreign) => {
  expect(foreignGuid(bound, guid, here)).toBe(foreign);
});
