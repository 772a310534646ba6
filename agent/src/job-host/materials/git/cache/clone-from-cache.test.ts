import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testJob } from '../../../testing/test-job.ts';
import { gitRevision, testRepository } from '../../../testing/test-repository.ts';
import { inPipeline, withOrigin } from '../../testing/cached-origin.ts';
import { checkOutInTurn } from '../../testing/check-out.ts';
import type { CacheFolder } from './cache-folder.ts';
import { tryLockCache } from './cache-lock.ts';

const BROKEN = '[GIT] The object cache of this repository is broken';

async function packsOf(gitDir: string): Promise<string[]> {
  const folder = join(gitDir, 'objects/pack');
  return (await readdir(folder)).filter((name) => name.endsWith('.pack')).map((name) => join(folder, name));
}

async function damage(path: string): Promise<void> {
  await chmod(path, 0o600);
  await writeFile(path, 'rubbish');
}

test('the second pipeline gets its objects from the first one’s, as hard links, and what is new from the server', async () => {
  await using dir = await tempDir();
  const { origin, one, url, cache } = await withOrigin(dir.path);
  const two = await origin.commit({ b: '2' });
  const former = new Date(0);
  const [first, second] = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, one, { after: () => utimes(cache.mirror, former, former) }),
    inPipeline('second', url, two),
  );
  expect(first).toMatchObject({ result: 'Passed' });
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain('pr|[GIT] Fetching changes into the object cache of this machine\n');
  const clone = join(dir.path, 'pipelines/second/.git');
  const [pack = 'none'] = await packsOf(clone);
  expect((await stat(pack)).nlink).toBeGreaterThan(1);
  expect(await readFile(join(clone, 'config'), 'utf8')).toContain(`url = ${url}\n`);
  await expect(stat(join(clone, 'objects/info/alternates'))).rejects.toThrow('ENOENT');
  // The most recently used is the last to go.
  expect((await stat(cache.mirror)).mtimeMs).toBeGreaterThan(0);
});

test('a clone does not need the cache any more, and a cache that is gone comes again', async () => {
  await using dir = await tempDir();
  const { origin, one, url, cache } = await withOrigin(dir.path);
  const forget = () => rm(join(dir.path, 'data'), { recursive: true });
  const two = await origin.commit({ b: '2' });
  const outcomes = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, one, { after: forget }),
    inPipeline('first', url, two),
    inPipeline('second', url, two),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  const clone = await testRepository(join(dir.path, 'pipelines/first'));
  expect(await clone.git('fsck')).toBe('');
  expect((await stat(cache.mirror)).isDirectory()).toBe(true);
});

const damages: Record<string, (cache: CacheFolder) => Promise<void>> = {
  'without its objects': ({ mirror }) => rm(join(mirror, 'objects'), { recursive: true }),
  'with a damaged pack': async ({ mirror }) => {
    for (const pack of await packsOf(mirror)) await damage(pack);
  },
  'that is no repository': async ({ mirror }) => {
    await rm(mirror, { recursive: true });
    await mkdir(mirror);
    await writeFile(join(mirror, 'HEAD'), 'rubbish');
  },
  'that a killed git left locked and half fetched': async ({ mirror, unfinished }) => {
    await writeFile(join(mirror, 'packed-refs.lock'), '');
    await writeFile(join(mirror, 'refs/heads/main.lock'), '');
    await writeFile(join(mirror, 'objects/pack/tmp_pack_1'), 'half');
    await mkdir(unfinished);
  },
};

test.each(Object.entries(damages))('heals a cache %s', async (_, hurt) => {
  await using dir = await tempDir();
  const { origin, one, url, cache } = await withOrigin(dir.path);
  const outcomes = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, one, { after: () => hurt(cache) }),
    inPipeline('second', url, await origin.commit({ b: '2' })),
    inPipeline('third', url, one),
  );
  expect(outcomes.map(({ result }) => result)).toEqual(['Passed', 'Passed', 'Passed']);
  expect(outcomes[2]?.console).not.toContain(BROKEN);
  expect(
    (await readdir(join(cache.mirror, 'objects/pack'))).filter((name) => name.startsWith('tmp_')),
  ).toEqual([]);
});

test('a blob that is damaged in the cache is noticed at the checkout, and fetched anew', async () => {
  await using dir = await tempDir();
  const { origin, one, url, cache } = await withOrigin(dir.path);
  await checkOutInTurn(dir.path, inPipeline('first', url, one));
  const two = await origin.commit({ b: '2' });
  const blob = await origin.git('rev-parse', `${two}:b`);
  const [, healed, after] = await checkOutInTurn(
    dir.path,
    inPipeline('second', url, two, {
      after: () => damage(join(cache.mirror, 'objects', blob.slice(0, 2), blob.slice(2))),
    }),
    inPipeline('third', url, two),
    inPipeline('fourth', url, two),
  );
  expect(healed).toMatchObject({ result: 'Passed' });
  expect(healed?.console).toContain(`${BROKEN} and is removed`);
  expect(after).toMatchObject({ result: 'Passed' });
  expect(after?.console).not.toContain(BROKEN);
});

test('does without a cache that cannot be written', async () => {
  await using dir = await tempDir();
  const { one, url } = await withOrigin(dir.path);
  await writeFile(join(dir.path, 'data'), 'a file where a folder should be');
  const [outcome] = await checkOutInTurn(dir.path, inPipeline('first', url, one));
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(outcome?.console).toContain('pr|[GIT] The object cache of this machine cannot be used: ');
});

test('keeps the cache when the server is away, and names a branch that is not there', async () => {
  await using dir = await tempDir();
  const { origin, one, url, cache } = await withOrigin(dir.path);
  const [, missing, away] = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, one),
    {
      materials: [gitRevision(url, [one], { refSpecOrBranch: 'none' })],
      workingDir: 'pipelines/second',
      after: () => rm(origin.folder, { recursive: true }),
    },
    inPipeline('third', url, one),
  );
  expect(missing?.console).toContain(`&2|Failed to run git clone command: ${url} has no branch none`);
  expect(away?.result).toBe('Failed');
  expect(away?.console).toContain(`&2|git fetch failed for [${url}]: it cannot be reached`);
  expect((await stat(cache.mirror)).isDirectory()).toBe(true);
});

test('waits for another job that fetches from the same repository', async () => {
  await using dir = await tempDir();
  const { one, url, cache } = await withOrigin(dir.path);
  await mkdir(dirname(cache.lock), { recursive: true });
  const held = tryLockCache(cache.lock);
  const revisions = [gitRevision(url, [one])];
  await using job = await testJob({ home: dir.path, assignment: { materialRevisions: { revisions } } });
  const running = job.run();
  await job.untilConsoleHas('[GIT] Waiting for another job that fetches from this repository');
  held?.[Symbol.dispose]();
  expect(await running).toBe('Passed');
});

test('a shallow clone leaves the cache alone', async () => {
  await using dir = await tempDir();
  const { one, url } = await withOrigin(dir.path);
  const materials = [gitRevision(url, [one], { shallowClone: true })];
  const [outcome] = await checkOutInTurn(dir.path, { materials });
  expect(outcome).toMatchObject({ result: 'Passed' });
  await expect(stat(join(dir.path, 'data'))).rejects.toThrow('ENOENT');
});
