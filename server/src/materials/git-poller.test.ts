import { execFileSync } from 'node:child_process';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { GitMaterialConfig } from '../domain/pipeline-config.ts';
import { gitCredentials } from './git-credentials.ts';
import { parseChangedFiles, parseCommits } from './git-log.ts';
import { GitPoller } from './git-poller.ts';

const NEVER = new AbortController().signal;

function git(folder: string, ...args: string[]): string {
  const options = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  return execFileSync('git', [...options, ...args], { cwd: folder, encoding: 'utf8' }).trim();
}

async function withRepository() {
  const folder = await tempDir();
  const repository = join(folder.path, 'repository');
  await mkdir(repository);
  git(repository, 'init', '--quiet', '--initial-branch=main');
  const commit = async (message: string, file = 'a') => {
    await writeFile(join(repository, file), message);
    git(repository, 'add', '.');
    git(repository, 'commit', '--quiet', '-m', message);
    return git(repository, 'rev-parse', 'HEAD');
  };
  const material = (change: Partial<GitMaterialConfig> = {}): GitMaterialConfig => ({
    type: 'git',
    fingerprint: 'f1',
    url: repository,
    branch: 'main',
    shallowClone: false,
    autoUpdate: true,
    filter: { mode: 'ignore', patterns: [] },
    ...change,
  });
  const mirrors = join(folder.path, 'mirrors');
  const poller = new GitPoller({
    folder: mirrors,
    clock: systemClock,
    deadlineMs: 30_000,
    open: (text) => text,
  });
  const poll = (last: string | undefined, change: Partial<GitMaterialConfig> = {}) =>
    poller.poll(material(change), last, NEVER);
  return { repository, mirrors, commit, poll, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('the first poll finds the newest commit only, the next all that came since, oldest first, with their files', async () => {
  await using repo = await withRepository();
  await repo.commit('one');
  const two = await repo.commit('two\n\nwith a body');
  expect(await repo.poll(undefined)).toMatchObject([
    {
      revision: two,
      userName: 'Ann <ann@example.com>',
      emailAddress: 'ann@example.com',
      comment: 'two\n\nwith a body',
    },
  ]);
  expect(await repo.poll(two)).toEqual([]);
  const [three, four] = [await repo.commit('three', 'ü b'), await repo.commit('four', 'c')];
  expect(await repo.poll(two)).toMatchObject([
    { revision: three, files: ['ü b'] },
    { revision: four, files: ['c'] },
  ]);
});

test('after a branch was overwritten its new commits are found, also when the old one is gone', async () => {
  await using repo = await withRepository();
  const one = await repo.commit('one');
  const two = await repo.commit('two');
  await repo.poll(undefined);
  git(repo.repository, 'reset', '--quiet', '--hard', one);
  expect(await repo.poll(two)).toEqual([]);
  const other = await repo.commit('other');
  expect((await repo.poll(two)).map(({ revision }) => revision)).toEqual([other]);
  expect((await repo.poll('0'.repeat(40))).map(({ revision }) => revision)).toEqual([other]);
});

test('a mirror that is damaged is made anew', async () => {
  await using repo = await withRepository();
  const one = await repo.commit('one');
  await repo.poll(undefined);
  await writeFile(join(repo.mirrors, 'f1.git', 'HEAD'), 'nonsense');
  const two = await repo.commit('two');
  expect((await repo.poll(one)).map(({ revision }) => revision)).toEqual([two]);
});

test('a branch and a repository that do not exist are clear errors', async () => {
  await using repo = await withRepository();
  await repo.commit('one');
  await expect(repo.poll(undefined, { branch: 'nope' })).rejects.toMatchObject({ code: 'branch-missing' });
  await expect(repo.poll(undefined, { url: `${repo.repository}-x` })).rejects.toMatchObject({
    code: 'git-failed',
  });
});

test('a full refspec follows its source', async () => {
  await using repo = await withRepository();
  const one = await repo.commit('one');
  git(repo.repository, 'update-ref', 'refs/pull/7/head', one);
  expect(await repo.poll(undefined, { branch: 'refs/pull/7/head:pr-7' })).toMatchObject([{ revision: one }]);
});

test('credentials are in a file of the user alone, not in arguments, and gone afterwards', async () => {
  await using folder = await tempDir();
  const file = join(folder.path, "it's here");
  {
    const account = { url: 'https://git.example.com/a.git', username: 'bob', password: 'p@ss:w/rd' };
    await using credentials = await gitCredentials(file, account);
    expect(credentials.args.join(' ')).not.toContain('p@ss');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const asked = 'protocol=https\nhost=git.example.com\n\n';
    const answer = execFileSync('git', [...credentials.args, 'credential', 'fill'], {
      input: asked,
      encoding: 'utf8',
    });
    expect(answer).toContain('username=bob\npassword=p@ss:w/rd\n');
  }
  expect(await readdir(folder.path)).toEqual([]);
});

test('output that is cut short gives whole commits only', () => {
  const commits = parseCommits(['abc', '1', 'Ann', 'a@b', 'msg', 'def', '2', 'Bob'].join('\0'));
  expect(commits).toMatchObject([{ revision: 'abc', modifiedAt: 1000 }]);
  const files = parseChangedFiles(['abc', ':100644 100644 1 2 M', 'x', ''].join('\0'));
  expect(files).toEqual(new Map([['abc', ['x']]]));
});
