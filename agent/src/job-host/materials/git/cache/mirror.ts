import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { removeTree } from '../../remove-tree.ts';
import { removeLocks } from '../existing-clone.ts';
import type { GitCommand } from '../git-command.ts';
import type { CacheFolder } from './cache-folder.ts';

const REF_SPECS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * Brings the mirror of the remote repository up to date, or makes it. The caller holds its lock.
 * @returns false if there is no mirror, though the remote repository answers (a full disk, say)
 * @throws AppError material-failed if the remote repository does not answer
 */
export async function refreshMirror(git: GitCommand, cache: CacheFolder): Promise<boolean> {
  const { url } = git.remote;
  if (await isMirrorOf(git, cache)) {
    git.say('[GIT] Fetching changes into the object cache of this machine');
    await removeRemains(cache.mirror);
    const fetch = ['--git-dir=.', 'fetch', '--progress', '--prune', '--no-tags', '--', url, ...REF_SPECS];
    if ((await git.try(fetch, { cwd: cache.mirror })) === 0) return true;
    await demandAnswer(git, cache, 'git fetch failed for');
    git.say('[GIT] The object cache of this repository is broken and is made anew');
  }
  await removeMirror(cache);
  const clone = ['clone', '--progress', '--bare', '--', url, cache.unfinished];
  if ((await git.try(clone, { cwd: dirname(cache.mirror) })) === 0) {
    await rename(cache.unfinished, cache.mirror);
    return true;
  }
  await demandAnswer(git, cache, 'Failed to run git clone command for');
  await removeMirror(cache);
  return false;
}

export async function removeMirror({ mirror, unfinished }: CacheFolder): Promise<void> {
  await removeTree(mirror);
  await removeTree(unfinished);
}

async function isMirrorOf(git: GitCommand, { mirror }: CacheFolder): Promise<boolean> {
  const names = await readdir(mirror).catch((): string[] => []);
  if (!names.includes('HEAD')) return false;
  const get = ['--git-dir=.', 'config', '--get', 'remote.origin.url'];
  return (await git.ask(get, { cwd: mirror })) === git.remote.url;
}

async function demandAnswer(git: GitCommand, { mirror }: CacheFolder, failure: string): Promise<void> {
  const { url, masked } = git.remote;
  const answer = await git.ask(['ls-remote', '--', url, 'HEAD'], { cwd: dirname(mirror) });
  if (answer === undefined)
    throw new AppError(
      'material-failed',
      `${failure} [${masked}]: it cannot be reached, or does not let this agent in`,
    );
}

/** What a git left that was killed: its locks, and packs that it had not received to their end. */
async function removeRemains(mirror: string): Promise<void> {
  await removeLocks(mirror);
  const packs = join(mirror, 'objects', 'pack');
  for (const name of await readdir(packs).catch((): string[] => []))
    if (name.startsWith('tmp_')) await rm(join(packs, name), { force: true });
}
