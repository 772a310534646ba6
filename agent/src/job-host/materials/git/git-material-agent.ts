import type { GitMaterial } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import type { Checkout, MaterialAgent } from '../material-agent.ts';
import { cloneAnew } from './clone.ts';
import { ensureRevision, hasCommit } from './ensure-revision.ts';
import { canReuse, removeStaleLocks } from './existing-clone.ts';
import { GitCommand } from './git-command.ts';
import { gitRemote } from './git-remote.ts';
import { parseRefSpec, type RefSpec } from './ref-spec.ts';
import { updateSubmodules } from './update-submodules.ts';

/** Checks out git materials (agent-behaviour 8.10): the clone of the last job is brought up to date, or replaced if that fails. */
export const gitMaterialAgent: MaterialAgent<GitMaterial> = {
  async update({ material, modifications, folder, context }: Checkout<GitMaterial>): Promise<void> {
    const [{ revision } = { revision: '' }] = modifications;
    const git = new GitCommand(folder, gitRemote(material), context);
    const refSpec = parseRefSpec(material.refSpecOrBranch ?? 'master');
    const wanted: Wanted = {
      refSpec,
      revision,
      ...(material.shallowClone ? { depth: modifications.length + 1 } : {}),
    };
    const place = material.folder === undefined || material.folder === '' ? 'files' : material.folder;
    git.say(`[go] Start updating ${place} at revision ${revision} from ${git.remote.masked}`);
    await removeStaleLocks(folder);
    const updated = (await canReuse(git, refSpec, material.shallowClone)) && (await tryExisting(git, wanted));
    if (!updated) {
      await cloneAnew(git, refSpec, wanted.depth);
      await checkOut(git, wanted);
    }
    git.say('[go] Done.\n');
  },
};

interface Wanted {
  readonly refSpec: RefSpec;
  readonly revision: string;
  /** For a shallow clone. */
  readonly depth?: number;
}

/** @returns false if the clone is broken, so that a fresh one is the remedy */
async function tryExisting(git: GitCommand, wanted: Wanted): Promise<boolean> {
  try {
    git.say('[GIT] Fetching changes');
    const fetch = ['fetch', 'origin', '--prune', '--recurse-submodules=no'];
    await git.run(fetch, `git fetch failed for [${git.remote.masked}]`);
    await checkOut(git, wanted);
    return true;
  } catch (error) {
    git.cancelled.throwIfAborted();
    if (!(await isCloneToBlame(git, wanted))) throw error;
    git.say(`[GIT] The existing clone cannot be used and is replaced: ${describeError(error)}`);
    return false;
  }
}

/** If the server does not answer either, or the commit is not there, a fresh clone would fail as well. */
async function isCloneToBlame(git: GitCommand, { revision }: Wanted): Promise<boolean> {
  if ((await git.ask(['ls-remote', '--', git.remote.url, 'HEAD'])) === undefined) return false;
  const healthy =
    (await git.ask(['fsck', '--connectivity-only', '--no-dangling', '--no-progress'])) !== undefined;
  return !healthy || (await hasCommit(git, revision));
}

async function checkOut(git: GitCommand, { revision, depth }: Wanted): Promise<void> {
  await ensureRevision(git, revision);
  git.say(`[GIT] Reset working directory ${git.folder}`);
  git.say(`[GIT] Updating working copy to revision ${revision}`);
  await git.run(['reset', '--hard', revision], `git reset failed for [${git.folder}]`);
  await updateSubmodules(git, depth !== undefined);
  git.say('[GIT] Cleaning all unversioned files in working copy');
  await git.run(['clean', '-dffx'], `git clean failed for [${git.folder}]`);
}
