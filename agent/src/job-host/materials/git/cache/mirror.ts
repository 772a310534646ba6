import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { removeTree } from '../../remove-tree.ts';
import { removeLocks } from '../existing-clone.ts';
import type { GitCommand } from '../git-command.ts';
import type { CacheFolder } from './cache-folder.ts';

const REF_SPECS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * Brings the mirror of the material's repository up to date, or makes it. The caller holds its lock.
 * @throws AppError material-failed if the remote repository does not answer
 */
export async function refreshMirror(git: GitCommand, cache: CacheFolder): Promise<void> {
  const { url, masked } = git.remote;
  if (await isMirrorOf(git, cache)) {
    git.say('[GIT] Fetching changes into the object cache of this machine');
    await removeRemains(cache.mirror);
    const fetch = ['--git-dir=.', 'fetch', '--progress', '--prune', '--no-tags', '--', url, ...REF_SPECS];
    if ((await git.try(fetch, { cwd: cache.mirror })) === 0) return;
    if (!(await doesRemoteAnswer(git, cache)))
      throw new AppError('material-failed', `git fetch failed for [${masked}]`);
    git.say('[GIT] The object cache cannot be used and is made anew');
  }
  await makeMirror(git, cache);
}

export async function removeMirror({ mirror, unfinished }: CacheFolder): Promise<void> {
  await removeTree(mirror);
  await removeTree(unfinished);
}

async function isMirrorOf(git: GitCommand, { mirror }: CacheFolder): Promise<boolean> {
  const names = await readdir(mirror).catch(() => []);
  if (!names.includes('HEAD')) return false;
  const get = ['--git-dir=.', 'config', '--get', 'remote.origin.url'];
  return (await git.ask(get, { cwd: mirror })) === git.remote.url;
}

async function makeMirror(git: GitCommand, cache: CacheFolder): Promise<void> {
  await removeMirror(cache);
  const clone = ['clone', '--progress', '--bare', '--', git.remote.url, cache.unfinished];
  await git.run(clone, 'Failed to run git clone command', { cwd: '/' });
  await rename(cache.unfinished, cache.mirror);
}

async function doesRemoteAnswer(git: GitCommand, { mirror }: CacheFolder): Promise<boolean> {
  return (await git.ask(['ls-remote', '--', git.remote.url, 'HEAD'], { cwd: join(mirror, '..') })) !== undefined;
}

/** What a git left that was killed: its locks, and packs that it had not received to their end. */
async function removeRemains(mirror: string): Promise<void> {
  await removeLocks(mirror);
  const packs = join(mirror, 'objects', 'pack');
  for (const name of await readdir(packs).catch(() => []))
    if (name.startsWith('tmp_')) await rm(join(packs, name), { force: true });
}
