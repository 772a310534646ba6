import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  statfs,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@go-agent/runtime';
import { systemClock } from '@go-agent/runtime/core';
import { fillDisk, smallDisk, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { tryLockCache } from '../job-host/materials/git/cache/cache-lock.ts';
import type { SpaceLimits } from './choose-removals.ts';
import { Housekeeper } from './housekeeper.ts';

const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;

function keeper(home: string, limits: Partial<SpaceLimits> = {}): Housekeeper {
  const log = createLogger({ file: join(home, 'log'), name: 'test' });
  return new Housekeeper({
    home,
    temporary: join(home, 'tmp'),
    limits: { maxAgeMs: 0, maxBytes: 0, ...limits },
    tryLock: tryLockCache,
    clock: systemClock,
    log,
  });
}

/** A folder with one file, last used some days ago. */
async function makeFolder(home: string, path: string, days: number, kilobytes = 4): Promise<string> {
  const folder = join(home, path);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'file'), Buffer.alloc(kilobytes * 1024, 'x'));
  const at = (Date.now() - days * DAY_MS) / 1000;
  await utimes(folder, at, at);
  return folder;
}

test('workspaces, mirrors and jobs put aside go when they are too old, all else stays', async () => {
  await using home = await tempDir();
  for (const age of [1, 40]) {
    await makeFolder(home.path, `pipelines/used-${age}-days-ago`, age);
    await makeFolder(home.path, `data/git-cache/used-${age}-days-ago.git`, age);
    await makeFolder(home.path, `jobs/aside-${age}-1`, age);
    await makeFolder(home.path, `data/agent/used-${age}-days-ago`, age);
  }
  await keeper(home.path, { maxAgeMs: 30 * DAY_MS }).tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['used-1-days-ago']);
  const cache = await readdir(join(home.path, 'data/git-cache'));
  expect(cache.filter((name) => name.endsWith('.git'))).toEqual(['used-1-days-ago.git']);
  expect(await readdir(join(home.path, 'jobs'))).toEqual(['aside-1-1']);
  expect(await readdir(join(home.path, 'data/agent'))).toHaveLength(2);
});

test('what killed jobs have left goes at once: unfinished clones that nobody writes to, and old folders of pipes', async () => {
  await using home = await tempDir();
  await makeFolder(home.path, 'data/git-cache/left.new', 0);
  await makeFolder(home.path, 'data/git-cache/written.new', 0);
  await makeFolder(home.path, 'tmp/ga-pipe-old', 1);
  await makeFolder(home.path, 'tmp/ga-pipe-now', 0);
  await makeFolder(home.path, 'tmp/of-others', 1);
  using _lock = tryLockCache(join(home.path, 'data/git-cache/written.lock'));
  await keeper(home.path).tidy(NEVER);
  const cache = await readdir(join(home.path, 'data/git-cache'));
  expect(cache.filter((name) => name.endsWith('.new'))).toEqual(['written.new']);
  expect(await readdir(join(home.path, 'tmp'))).toEqual(['ga-pipe-now', 'of-others']);
});

test('the least recently used goes until the rest fits; a folder that a job has just used is the last', async () => {
  await using home = await tempDir();
  const a = await makeFolder(home.path, 'pipelines/a', 9, 100);
  await makeFolder(home.path, 'pipelines/b', 5, 100);
  await makeFolder(home.path, 'pipelines/c', 7, 100);
  const housekeeper = keeper(home.path, { maxBytes: 250 * 1024 });
  await housekeeper.noteUse(a);
  await housekeeper.tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['a', 'b']);
});

test('nothing is touched while a job is not delivered, nor what a process or a lock holds', async () => {
  await using home = await tempDir();
  const a = await makeFolder(home.path, 'pipelines/a', 9);
  await makeFolder(home.path, 'data/git-cache/m.git', 9);
  const job = await makeFolder(home.path, 'jobs/17', 9);
  const housekeeper = keeper(home.path, { maxAgeMs: 1 });
  await housekeeper.tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['a']);

  await rename(job, join(home.path, 'delivered'));
  const kept = spawn('/bin/sh', ['-c', 'read line'], { cwd: a, stdio: ['pipe', 'ignore', 'ignore'] });
  {
    using _lock = tryLockCache(join(home.path, 'data/git-cache/m.lock'));
    await housekeeper.tidy(NEVER);
  }
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['a']);
  expect(await readdir(join(home.path, 'data/git-cache'))).toContain('m.git');
  kept.stdin.end('\n');
  await once(kept, 'exit');

  await housekeeper.noteUse(join(home.path, 'pipelines/none'));
  await housekeeper.tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual([]);
});

test('no link leads out of the home folder, and what write protection holds goes as well', async () => {
  await using home = await tempDir();
  await using elsewhere = await tempDir();
  await makeFolder(elsewhere.path, 'precious', 90);
  const a = await makeFolder(home.path, 'pipelines/a', 9);
  await symlink(elsewhere.path, join(a, 'link'));
  await symlink(join(elsewhere.path, 'precious'), join(home.path, 'pipelines', 'linked'));
  await mkdir(join(a, 'read', 'only'), { recursive: true });
  await writeFile(join(a, 'read', 'only', 'x'), '');
  for (const folder of ['read/only', 'read']) await chmod(join(a, folder), 0o555);
  const old = (Date.now() - 9 * DAY_MS) / 1000;
  await utimes(a, old, old);
  await mkdir(join(home.path, 'data'));
  await symlink(elsewhere.path, join(home.path, 'data', 'git-cache'));
  await keeper(home.path, { maxAgeMs: DAY_MS }).tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['linked']);
  expect(await readdir(join(elsewhere.path, 'precious'))).toEqual(['file']);
});

test('work that arrives ends the tidying at once, and the next one finishes what was begun', async () => {
  await using home = await tempDir();
  const big = await makeFolder(home.path, 'pipelines/big', 9);
  for (let i = 0; i < 200; i++) await mkdir(join(big, `${i}/a/b`), { recursive: true });
  for (let i = 0; i < 2000; i++) await writeFile(join(big, `${i % 200}/a/b/${i}`), '');
  const old = (Date.now() - 9 * DAY_MS) / 1000;
  await utimes(big, old, old);
  const housekeeper = keeper(home.path, { maxAgeMs: DAY_MS });
  const work = new AbortController();
  const tidying = housekeeper.tidy(work.signal);
  // In its midst, unless this process is held up meanwhile.
  await waitFor(async () => !(await readdir(join(home.path, 'pipelines'))).includes('big'), {
    intervalMs: 1,
  });
  work.abort();
  await tidying;
  expect(await readdir(join(home.path, 'pipelines'))).not.toContain('big');
  await housekeeper.tidy(NEVER);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual([]);
});

test('a disk without room for another byte gets what it lacks, the least recently used first', async ({
  skip,
}) => {
  await using home = await smallDisk('8m');
  if (home === undefined) return skip('file systems cannot be mounted here');
  await mkdir(join(home.path, 'data'));
  for (const days of [3, 9, 5]) await makeFolder(home.path, `pipelines/used-${days}-days-ago`, days, 1024);
  const housekeeper = keeper(home.path);
  const last = await makeFolder(home.path, 'pipelines/last', 0);
  fillDisk(join(last, 'what filled it'));
  await housekeeper.noteUse(last);
  await housekeeper.tidy(NEVER, 1.5 * 1024 * 1024);
  expect(await readdir(join(home.path, 'pipelines'))).toEqual(['last', 'used-3-days-ago']);
  const { bavail, bsize } = await statfs(home.path);
  expect(bavail * bsize).toBeGreaterThan(1.5 * 1024 * 1024);
  const noted = JSON.parse(await readFile(join(home.path, 'data', 'space.json'), 'utf8'));
  expect(noted[last].bytes).toBeGreaterThan(4 * 1024 * 1024);
});

test('a folder is measured once after each use, and not each time', async () => {
  await using home = await tempDir();
  const a = await makeFolder(home.path, 'pipelines/a', 2, 100);
  const sizes = async () => JSON.parse(await readFile(join(home.path, 'data', 'space.json'), 'utf8'));
  await keeper(home.path).tidy(NEVER);
  const before = await sizes();
  expect(before[a].bytes).toBe(100 * 1024);
  // What changes further down, without a job, is nobody's doing.
  await writeFile(join(a, 'file'), Buffer.alloc(500 * 1024));
  await keeper(home.path).tidy(NEVER);
  expect(await sizes()).toEqual(before);
  const housekeeper = keeper(home.path);
  await housekeeper.noteUse(a);
  await housekeeper.tidy(NEVER);
  expect((await sizes())[a].bytes).toBe(500 * 1024);
});
