import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { inPipeline, withDaemon } from '../../testing/cached-origin.ts';
import { checkOutInTurn } from '../../testing/check-out.ts';

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
