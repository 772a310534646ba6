import { mkdir, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError, describeError } from '@go-agent/runtime/core';
import { removeTree } from '../../remove-tree.ts';
import type { GitCommand } from '../git-command.ts';
import { type CacheFolder, cacheFolderOf, gitCacheFolder, isWorthCaching } from './cache-folder.ts';
import { lockCache } from './cache-lock.ts';
import { refreshMirror, removeMirror } from './mirror.ts';

export interface CloneFromCache {
  /** Absent: the branch that the remote repository is on. */
  readonly branch?: string;
  /** Where the metadata goes, if not into the folder itself. Absolute. */
  readonly gitDir?: string;
}

/**
 * Clones the remote repository of `git` into its folder, without files, by way of the mirror that all pipelines of this machine share.
 * The clone's objects are hard links (copies on another file system), so that it never needs the mirror again.
 * @returns false if there is no cache to use: clone directly
 * @throws AppError material-failed if the remote repository does not answer, or has no such branch
 */
export async function cloneFromCache(git: GitCommand, options: CloneFromCache): Promise<boolean> {
  using cache = await openCache(git);
  if (!cache || !(await refreshMirror(git, cache))) return false;
  await demandBranch(git, cache, options.branch);
  if (await copyMirror(git, cache, options)) {
    const now = git.context.clock.now() / 1000;
    // For whoever makes room on the disk: the least recently used goes first.
    await utimes(cache.mirror, now, now);
    return true;
  }
  git.say('[GIT] The object cache of this repository is broken and is removed');
  await removeMirror(cache);
  return false;
}

/** Removes the mirror of the remote repository, which gave a clone that cannot be used. */
export async function forgetMirror(git: GitCommand): Promise<void> {
  using cache = await openCache(git);
  if (cache) await removeMirror(cache);
}

/** The mirror's paths and its lock; undefined if nothing is kept of such a repository, or the folder cannot be used. */
async function openCache(git: GitCommand): Promise<(CacheFolder & Disposable) | undefined> {
  const { clock, assignment, cancelled } = git.context;
  const { home } = assignment.agent;
  if (!isWorthCaching(git.remote.url)) return undefined;
  const cache = cacheFolderOf(home, git.remote.url);
  const onWait = () => git.say('[GIT] Waiting for another job that fetches from this repository');
  try {
    await mkdir(gitCacheFolder(home), { recursive: true });
    const lock = await lockCache(cache.lock, { clock, signal: cancelled, onWait });
    return { ...cache, [Symbol.dispose]: () => lock[Symbol.dispose]() };
  } catch (error) {
    cancelled.throwIfAborted();
    git.say(`[GIT] The object cache of this machine cannot be used: ${describeError(error)}`);
    return undefined;
  }
}

async function demandBranch(
  git: GitCommand,
  { mirror }: CacheFolder,
  branch: string | undefined,
): Promise<void> {
  if (branch === undefined) return;
  for (const kind of ['heads', 'tags']) {
    const show = ['--git-dir=.', 'rev-parse', '--quiet', '--verify', `refs/${kind}/${branch}`];
    if ((await git.ask(show, { cwd: mirror })) !== undefined) return;
  }
  throw new AppError(
    'material-failed',
    `Failed to run git clone command: ${git.remote.masked} has no branch ${branch}`,
  );
}

async function copyMirror(
  git: GitCommand,
  { mirror }: CacheFolder,
  { branch, gitDir }: CloneFromCache,
): Promise<boolean> {
  const parent = dirname(git.folder);
  await removeTree(git.folder);
  await mkdir(gitDir === undefined ? parent : dirname(gitDir), { recursive: true });
  const where = [
    ...(branch === undefined ? [] : [`--branch=${branch}`]),
    ...(gitDir === undefined ? [] : [`--separate-git-dir=${gitDir}`]),
  ];
  // Not `--local`: with it git fails where it cannot make hard links, instead of copying.
  const clone = ['clone', '--no-checkout', ...where, '--', mirror, git.folder];
  if ((await git.try(clone, { cwd: parent })).exitCode !== 0) return false;
  return (await git.try(['config', 'remote.origin.url', git.remote.url])).exitCode === 0;
}
