import { describeError } from '@go-agent/runtime/core';
import { cloneFromCache, forgetMirror } from './cache/clone-from-cache.ts';
import { applyRefSpec, cloneAnew } from './clone.ts';
import { ensureRevision, hasCommit } from './ensure-revision.ts';
import type { GitCommand } from './git-command.ts';
import type { RefSpec } from './ref-spec.ts';

export interface Wanted {
  readonly refSpec: RefSpec;
  readonly revision: string;
  /** Number of commits, for a shallow clone. */
  readonly depth?: number;
}

/**
 * A new clone with the files of the revision, whatever is in the folder now. A shallow one comes directly from the remote repository:
 * who asks for that does not want all of it on the machine.
 * @throws AppError material-failed
 */
export async function cloneToRevision(git: GitCommand, wanted: Wanted): Promise<void> {
  if (wanted.depth === undefined && (await tryCache(git, wanted))) return;
  await cloneAnew(git, wanted.refSpec, wanted.depth);
  await showRevision(git, wanted.revision);
}

/** @throws AppError material-failed */
export async function showRevision(git: GitCommand, revision: string): Promise<void> {
  await ensureRevision(git, revision);
  git.say(`[GIT] Reset working directory ${git.folder}`);
  git.say(`[GIT] Updating working copy to revision ${revision}`);
  await git.run(['reset', '--hard', revision], `git reset failed for [${git.folder}]`);
}

async function tryCache(git: GitCommand, { refSpec, revision }: Wanted): Promise<boolean> {
  const branch = refSpec.fetch === undefined ? { branch: refSpec.localBranch } : {};
  if (!(await cloneFromCache(git, branch))) return false;
  try {
    await applyRefSpec(git, refSpec);
    await showRevision(git, revision);
    return true;
  } catch (error) {
    git.cancelled.throwIfAborted();
    if (await isWhole(git, revision)) throw error;
    git.say(`[GIT] The object cache of this repository is broken and is removed: ${describeError(error)}`);
    await forgetMirror(git);
    return false;
  }
}

/** If the commit is there, its files are in doubt, which takes a look at every object. */
async function isWhole(git: GitCommand, revision: string): Promise<boolean> {
  const thorough = (await hasCommit(git, revision)) ? [] : ['--connectivity-only'];
  return (await git.ask(['fsck', ...thorough, '--no-dangling', '--no-progress'])) !== undefined;
}
