import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeTree } from '../remove-tree.ts';
import type { GitCommand } from './git-command.ts';
import type { RefSpec } from './ref-spec.ts';

const FAILED = 'Failed to run git clone command';

/**
 * Clones anew, without files: the checkout of the revision brings them.
 * @param depth number of commits, for a shallow clone
 */
export async function cloneAnew(git: GitCommand, refSpec: RefSpec, depth: number | undefined): Promise<void> {
  await removeTree(git.folder);
  const parent = dirname(git.folder);
  await mkdir(parent, { recursive: true });
  const shallow = depth === undefined ? [] : [`--depth=${depth}`];
  const branch = refSpec.fetch === undefined ? [`--branch=${refSpec.localBranch}`] : [];
  const clone = [
    'clone',
    '--progress',
    '--no-checkout',
    ...branch,
    ...shallow,
    '--',
    git.remote.url,
    git.folder,
  ];
  await git.run(clone, FAILED, { cwd: parent, isRemote: true });
  await applyRefSpec(git, refSpec, shallow);
}

/**
 * Brings a clone of the branches onto the branch of a refspec; a plain branch it is on already.
 * @param shallow git's options
 */
export async function applyRefSpec(
  git: GitCommand,
  refSpec: RefSpec,
  shallow: readonly string[] = [],
): Promise<void> {
  if (refSpec.fetch === undefined) return;
  await git.run(['config', '--replace-all', 'remote.origin.fetch', `+${refSpec.fetch}`], FAILED);
  const fetch = ['fetch', '--progress', 'origin', '--prune', '--recurse-submodules=no', ...shallow];
  await git.run(fetch, FAILED, { isRemote: true });
  // Without touching files, which are not here yet; the reset to the revision brings them.
  await git.run(['update-ref', `refs/heads/${refSpec.localBranch}`, refSpec.remoteBranch], FAILED);
  await git.run(['symbolic-ref', 'HEAD', `refs/heads/${refSpec.localBranch}`], FAILED);
}
