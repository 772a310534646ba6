import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testJob } from '../../testing/test-job.ts';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';
import { inPipeline, withDaemon } from '../testing/cached-origin.ts';
import { checkOutInTurn } from '../testing/check-out.ts';

const AGAIN = 'pr|[GIT] The network or the server failed, which may pass: attempt 2 of 3 in ';

test.each([
  ['before the first word', ''],
  ['among the objects', 'PACK'],
])('a fetch into an existing clone that is cut off %s is made again', async (_, word) => {
  await using dir = await tempDir();
  const { origin, one, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  // As a fetch leaves it that is cut off in mid-pack.
  const leaveHalf = (folder: string) => writeFile(join(folder, '.git/objects/pack/tmp_pack_1'), 'half');
  await checkOutInTurn(dir.path, inPipeline('first', url, one, { after: leaveHalf }));
  const two = await origin.commit({ b: '2' });
  daemon.cut(1, word);
  const [second] = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, two, {
      after: async (folder) => {
        expect(await readdir(folder)).toContain('b');
        expect(await readdir(join(folder, '.git/objects/pack'))).not.toContain('tmp_pack_1');
      },
    }),
  );
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toContain(AGAIN);
  expect(second?.console).not.toContain('is replaced');
});

test.each([
  ['full', {}],
  ['shallow', { shallowClone: true }],
])('a %s clone that is cut off is made again', async (_, fields) => {
  await using dir = await tempDir();
  const { one, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  daemon.cut(1, 'PACK');
  const [outcome] = await checkOutInTurn(dir.path, { materials: [gitRevision(url, [one], fields)] });
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(outcome?.console).toContain(AGAIN);
});

test('deepening a shallow clone that is cut off is made again', async () => {
  await using dir = await tempDir();
  const { origin, one, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  for (const b of '234') await origin.commit({ b });
  const two = await origin.git('rev-parse', 'HEAD');
  const shallow = (revision: string) => [gitRevision(url, [revision], { shallowClone: true })];
  const [, deepened] = await checkOutInTurn(
    dir.path,
    { materials: shallow(two), after: async () => daemon.cut(1, 'PACK') },
    { materials: shallow(one) },
  );
  expect(deepened).toMatchObject({ result: 'Passed' });
  expect(deepened?.console).toContain(AGAIN);
  expect(deepened?.console).not.toContain('Unshallowing repository with depth 2147483647');
});

test('a submodule update that is cut off is made again', async () => {
  await using dir = await tempDir();
  const { origin, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  const inner = await testRepository(join(dir.path, 'served/inner'));
  await inner.commit({ deep: '1' });
  const innerUrl = url.replace(/origin$/, 'inner');
  await origin.git('submodule', '--quiet', 'add', innerUrl, 'sub');
  const one = await origin.commit({});
  await checkOutInTurn(dir.path, inPipeline('first', url, one));
  await inner.commit({ deep: '2' });
  await origin.git('submodule', '--quiet', 'update', '--remote');
  const two = await origin.commit({});
  // The next objects that are sent are the submodule's.
  const fetched = await testRepository(join(dir.path, 'pipelines/first'));
  await fetched.git('fetch', '--quiet', '--recurse-submodules=no');
  // git itself asks for the one commit, if all together cannot be had.
  daemon.cut(2, 'PACK');
  const [outcome] = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, two, {
      after: async (folder) => expect(await readFile(join(folder, 'sub/deep'), 'utf8')).toBe('2'),
    }),
  );
  expect(outcome).toMatchObject({ result: 'Passed' });
  expect(outcome?.console).toContain(AGAIN);
});

test('a connection that is cut off each time fails the job with git’s words, and the clone and the machine’s mirror stay', async () => {
  await using dir = await tempDir();
  const { origin, one, daemon, url, cache } = await withDaemon(dir.path);
  await using _daemon = daemon;
  await checkOutInTurn(dir.path, inPipeline('first', url, one));
  const clone = join(dir.path, 'pipelines/first/.git');
  const inodes = async () => [(await stat(clone)).ino, (await stat(cache.mirror)).ino];
  const before = await inodes();
  const two = await origin.commit({ b: '2' });
  daemon.cut(6, 'PACK');
  const [existing, fresh] = await checkOutInTurn(
    dir.path,
    inPipeline('first', url, two),
    inPipeline('second', url, two),
  );
  for (const outcome of [existing, fresh]) {
    expect(outcome?.result).toBe('Failed');
    expect(outcome?.console).toContain('attempt 3 of 3');
    expect(outcome?.console).toContain(`&2|git fetch failed for [${url}] (git ended with exit code 128)`);
    expect(outcome?.console).toContain('pe|STDERR: fetch-pack: unexpected disconnect');
  }
  expect(await inodes()).toEqual(before);
});

test('a repository that is not served fails the job at the first attempt', async () => {
  await using dir = await tempDir();
  const { one, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  const [outcome] = await checkOutInTurn(dir.path, inPipeline('first', url.replace('origin', 'none'), one));
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).not.toContain('attempt');
  // The clone, and the question whether anybody is there.
  expect(daemon.connections).toBe(2);
});

test('a cancel ends the pause before the next attempt', async () => {
  await using dir = await tempDir();
  const { one, daemon, url } = await withDaemon(dir.path);
  await using _daemon = daemon;
  daemon.cut(Infinity, '');
  const revisions = [gitRevision(url, [one])];
  await using job = await testJob({ assignment: { materialRevisions: { revisions } } });
  const running = job.run();
  await job.untilConsoleHas('attempt 3 of 3');
  job.cancel();
  expect(await running).toBe('Cancelled');
  expect(daemon.connections).toBe(2);
});
