import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GitCommand } from './git-command.ts';
import type { RefSpec } from './ref-spec.ts';

const FAILED = 'Failed to run git clone command';

/**
 * Clones anew, without files: the checkout of the revision brings them.
 * @param depth number of commits, for a shallow clone
 */
export async function cloneAnew(git: GitCommand, refSpec: RefSpec, depth: number | undefined): Promise<void> {
  await rm(git.folder, { recursive: true, force: true });
  const parent = dirname(git.folder);
  await mkdir(parent, { recursive: true });
  const shallow = depth === undefined ? [] : [`--depth=${depth}`];
  const branch = refSpec.fetch === undefined ? [`--branch=${refSpec.localBranch}`] : [];
  const clone = ['clone', '--no-checkout', ...branch, ...shallow, '--', git.remote.url, git.folder];
  await git.run(clone, FAILED, parent);
  if (refSpec.fetch === undefined) return;
  await git.run(['config', '--replace-all', 'remote.origin.fetch', `+${refSpec.fetch}`], FAILED);
  await git.run(['fetch', 'origin', '--prune', '--recurse-submodules=no', ...shallow], FAILED);
  // Without touching files, which are not here yet; the reset to the revision brings them.
  await git.run(['update-ref', `refs/heads/${refSpec.localBranch}`, refSpec.remoteBranch], FAILED);
  await git.run(['symbolic-ref', 'HEAD', `refs/heads/${refSpec.localBranch}`], FAILED);
}
