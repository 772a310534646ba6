import { readdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { removeTree } from '../../remove-tree.ts';
import type { ScmOutcome } from '../../scm-client.ts';
import { doesRemoteAnswer, isConnected } from '../diagnose.ts';
import { removeRemains } from '../existing-clone.ts';
import type { GitCommand } from '../git-command.ts';
import type { CacheFolder } from './cache-folder.ts';

const REF_SPECS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * Brings the mirror of the remote repository up to date, or makes it. The caller holds its lock.
 * @returns false if there is no mirror that can be used, though the remote repository answers (a full disk, say)
 * @throws AppError material-failed if the remote repository does not answer, or its answers do not get here
 */
export async function refreshMirror(git: GitCommand, cache: CacheFolder): Promise<boolean> {
  if (await isMirrorOf(git, cache)) {
    git.say('[GIT] Fetching changes into the object cache of this machine');
    if (await fetchInto(git, cache)) return true;
    git.say('[GIT] The object cache of this repository is broken and is made anew');
  }
  return await makeAnew(git, cache);
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

/** @returns false if the mirror is to blame */
async function fetchInto(git: GitCommand, cache: CacheFolder): Promise<boolean> {
  const { url, masked } = git.remote;
  const { mirror } = cache;
  await removeRemains(mirror);
  const fetch = ['--git-dir=.', 'fetch', '--progress', '--prune', '--no-tags', '--', url, ...REF_SPECS];
  const fetched = await git.try(fetch, { cwd: mirror, isRemote: true });
  if (fetched.exitCode === 0) return true;
  const failure = `git fetch failed for [${masked}]`;
  await demandAnswer(git, cache, fetched, failure);
  // It is the machine's: what came from afar is no reason to fetch it all again.
  if (fetched.mayPass && (await isConnected(git, mirror))) throw git.failed(failure, fetched);
  return false;
}

/** The mirror that is here stays until there is another, or until this machine has no room for that. */
async function makeAnew(git: GitCommand, cache: CacheFolder): Promise<boolean> {
  const { url, masked } = git.remote;
  const { mirror, unfinished } = cache;
  await removeTree(unfinished);
  const clone = ['clone', '--progress', '--bare', '--', url, unfinished];
  const cloned = await git.try(clone, { cwd: dirname(mirror), isRemote: true });
  if (cloned.exitCode === 0) {
    await removeTree(mirror);
    await rename(unfinished, mirror);
    return true;
  }
  await removeTree(unfinished);
  const failure = `Failed to run git clone command for [${masked}]`;
  await demandAnswer(git, cache, cloned, failure);
  if (cloned.mayPass) throw git.failed(failure, cloned);
  // What is wrong is here, such as a disk without room for two: that of the old one is worth more to the job.
  await removeMirror(cache);
  return false;
}

async function demandAnswer(
  git: GitCommand,
  { mirror }: CacheFolder,
  { mayPass }: ScmOutcome,
  failure: string,
): Promise<void> {
  if (await doesRemoteAnswer(git, { cwd: dirname(mirror), isRemote: !mayPass })) return;
  const why = 'it cannot be reached, or does not let this agent in';
  throw new AppError('material-failed', `${failure}: ${why}`, { retryable: mayPass });
}
