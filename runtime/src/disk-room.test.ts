import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasRoom, takeRoom } from './disk-room.ts';
import { fillDisk, smallDisk } from './testing/small-disk.ts';
import { tempDir } from './testing/temp-dir.ts';

test('room is taken as files, in place of what was there', async () => {
  await using folder = await tempDir();
  const taken = join(folder.path, 'taken');
  expect([takeRoom(taken, 3), takeRoom(taken, 2)]).toEqual([true, true]);
  expect(await readdir(taken)).toHaveLength(2);
  expect(hasRoom(folder.path)).toBe(true);
  expect(await readdir(folder.path)).toEqual(['taken']);
});

test('a full disk has no room, nor has one without inodes, and nothing is left of the attempt', async ({
  skip,
}) => {
  await using disk = await smallDisk('4m', 'nr_inodes=100');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  const ballast = join(disk.path, 'ballast');
  fillDisk(ballast);
  expect([hasRoom(disk.path), takeRoom(join(disk.path, 'taken'), 1)]).toEqual([false, false]);
  expect(await readdir(disk.path)).toEqual(['ballast']);
  await rm(ballast);
  expect(hasRoom(disk.path, 32)).toBe(true);
  for (let i = 0; i < 90; i++) await mkdir(join(disk.path, String(i)));
  expect([hasRoom(disk.path, 32), hasRoom(disk.path, 2)]).toEqual([false, true]);
});

test('a folder that cannot be written is not full', () => {
  expect(hasRoom('/proc/self')).toBe(true);
});
