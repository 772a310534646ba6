import { mkdir, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '@go-agent/runtime/core';
import { removeTree } from '../../remove-tree.ts';
import type { GitCommand } from '../git-command.ts';
import type { RefSpec } from '../ref-spec.ts';
import { cacheFolderOf, gitCacheFolder, isWorthCaching } from './cache-folder.ts';
import { lockCache } from './cache-lock.ts';
import { refreshMirror, removeMirror } from './mirror.ts';

export interface CloneFromCache {
  /** Absent: the branch that the remote repository is on. */
  readonly branch?: RefSpec['localBranch'];
  /** Where the metadata goes, if not into the folder itself. Absolute. */
  readonly gitDir?: string;
}

/**
 * Clones the remote repository of `git` into its folder, without files, by way of the mirror that all pipelines of this machine share.
 * The clone's objects are hard links (copies on another file system), so that it needs the mirror no more.
 * @returns false if there is no cache to use: clone directly
 * @throws AppError material-failed if the remote repository does not answer, or has no such branch
 */
export async function cloneFromCache(git: GitCommand, { branch, gitDir }: CloneFromCache): Promise<boolean> {
  const { clock, assignment, cancelled } = git.context;
  const { url } = git.remote;
  if (!isWorthCaching(url)) return false;
  const cache = cacheFolderOf(assignment.agent.home, url);
  try {
    await mkdir(gitCacheFolder(assignment.agent.home), { recursive: true });
    const onWait = () => git.say('[GIT] Waiting for another job that fetches from the same repository');
    using _lock = await lockCache(cache.lock, { clock, signal: cancelled, onWait });
    return await cloneFrom(git, cache, { branch, gitDir });
  } catch (error) {
    cancelled.throwIfAborted();
    if (error instanceof RemoteFailure) throw error.cause;
    git.say(`[GIT] The object cache of this machine cannot be used: ${describeError(error)}`);
    return false;
  }
}
