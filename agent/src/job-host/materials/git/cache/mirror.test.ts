import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { smallDisk, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { inPipeline, withDaemon } from '../../testing/cached-origin.ts';
import { checkOutInTurn } from '../../testing/check-out.ts';
import { cacheFolderOf } from './cache-folder.ts';

test('a fetch into the mirror of the machine that is cut off is made again, and the mirror stays', async () => {
  await using dir = await tempDir();
  const { origin, one, daemon, url, cache } = await withDaemon(dir.path);
  await using _daemon = daemon;
  await checkOutInTurn(dir.path, inPipeline('first', url, one));
  const former = (await stat(cache.mirror)).ino;
  const two = await origin.commit({ b: '2' });
  daemon.cut(1, 'PACK');
  const [second] = await checkOutInTurn(dir.path, inPipeline('second', url, two));
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain('attempt 2 of 3');
  expect(second?.console).not.toContain('is broken');
  expect((await stat(cache.mirror)).ino).toBe(former);
});

test('a mirror that is damaged stays until another is complete in its place', async () => {
  await using dir = await tempDir();
  const { origin, one, daemon, url, cache } = await withDaemon(dir.path);
  await using _daemon = daemon;
  await checkOutInTurn(dir.path, inPipeline('first', url, one));
  await rm(join(cache.mirror, 'objects'), { recursive: true });
  const former = (await stat(cache.mirror)).ino;
  const two = await origin.commit({ b: '2' });
  await rename(origin.folder, `${origin.folder}-away`);
  const [failed, healed] = await checkOutInTurn(
    dir.path,
    inPipeline('second', url, two, {
      after: async () => {
        expect((await stat(cache.mirror)).ino).toBe(former);
        await rename(`${origin.folder}-away`, origin.folder);
      },
    }),
    inPipeline('third', url, two),
  );
  expect(failed?.result).toBe('Failed');
  expect(healed).toMatchObject({ result: 'Passed' });
  expect((await stat(cache.mirror)).ino).not.toBe(former);
  await expect(stat(cache.unfinished)).rejects.toThrow('ENOENT');
});

test('where the disk has no room for two mirrors, the old one makes room for the checkout', async (context) => {
  await using dir = await tempDir();
  await using disk = (await smallDisk('16m')) ?? context.skip('no file system can be mounted here');
  const { origin, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  const home = disk.path;
  const { mirror } = cacheFolderOf(home, url);
  await writeFile(join(origin.folder, 'big'), randomBytes(9_000_000));
  await origin.git('add', 'big');
  await origin.git('commit', '-q', '-m', 'big');
  await origin.git('rm', '-q', 'big');
  const before = await origin.commit({ a: '3' });
  const [first] = await checkOutInTurn(home, inPipeline('first', url, before));
  expect(first).toMatchObject({ result: 'Passed' });
  expect((await stat(mirror)).isDirectory()).toBe(true);
  await rm(join(home, 'pipelines'), { recursive: true });
  // A history that is rewritten: what is fetched has no room beside what is here.
  await origin.git('checkout', '-q', '--orphan', 'fresh');
  await writeFile(join(origin.folder, 'other'), randomBytes(3_000_000));
  await origin.git('add', 'other');
  await origin.commit({ z: '1' });
  await origin.git('branch', '-M', 'fresh', 'main');
  const after = await origin.commit({ b: '1' });
  await writeFile(join(home, 'filling'), randomBytes(5_500_000));
  const [second] = await checkOutInTurn(home, inPipeline('second', url, after));
  expect(second?.console).toContain('No space left');
  expect(second).toMatchObject({ result: 'Passed' });
});

test('a mirror on another file system than the job’s folder is copied', async (context) => {
  await using dir = await tempDir();
  await using disk = (await smallDisk('16m')) ?? context.skip('no file system can be mounted here');
  const { origin, one, daemon, url, cache } = await withDaemon(dir.path);
  await using _daemon = daemon;
  await mkdir(join(disk.path, 'pipelines'));
  await symlink(join(disk.path, 'pipelines'), join(dir.path, 'pipelines'));
  const [first] = await checkOutInTurn(dir.path, inPipeline('first', url, one));
  expect(first?.console).not.toContain('is broken');
  const { connections } = daemon;
  const two = await origin.commit({ b: '2' });
  const [second] = await checkOutInTurn(dir.path, inPipeline('second', url, two));
  expect(second).toMatchObject({ result: 'Passed' });
  expect(daemon.connections - connections).toBe(1);
  expect((await stat(cache.mirror)).isDirectory()).toBe(true);
});
