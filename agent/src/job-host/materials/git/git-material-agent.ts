import { join } from 'node:path';
import type { GitMaterial } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import { type Checkout, type MaterialAgent, shownTarget } from '../material-agent.ts';
import { isFaultAfar } from '../scm-client.ts';
import { doesRemoteAnswer, isConnected } from './diagnose.ts';
import { hasCommit } from './ensure-revision.ts';
import { canReuse, removeRemains } from './existing-clone.ts';
import { cloneToRevision, showRevision, type Wanted } from './fresh-clone.ts';
import { GitCommand } from './git-command.ts';
import { gitRemote } from './git-remote.ts';
import { parseRefSpec } from './ref-spec.ts';
import { updateSubmodules } from './update-submodules.ts';

/** Checks out git materials (agent-behaviour 8.10): the clone of the last job is brought up to date, or replaced if that fails. */
export const gitMaterialAgent: MaterialAgent<GitMaterial> = {
  async update({ material, modifications, revision, folder, context }: Checkout<GitMaterial>): Promise<void> {
    const git = new GitCommand(folder, gitRemote(material), context);
    const refSpec = parseRefSpec(material.refSpecOrBranch ?? 'master');
    const wanted: Wanted = {
      refSpec,
      revision,
      ...(material.shallowClone ? { depth: modifications.length + 1 } : {}),
    };
    git.say(`[go] Start updating ${shownTarget(material)} at revision ${revision} from ${git.remote.masked}`);
    // Nobody else works in the job's folder.
    await removeRemains(join(folder, '.git'));
    const updated = (await canReuse(git, refSpec, material.shallowClone)) && (await tryExisting(git, wanted));
    if (!updated) {
      await cloneToRevision(git, wanted);
      await finish(git, wanted);
    }
    git.say('[go] Done.\n');
  },
};

/** @returns false if the clone is broken, so that a fresh one is the remedy */
async function tryExisting(git: GitCommand, wanted: Wanted): Promise<boolean> {
  try {
    git.say('[GIT] Fetching changes');
    const fetch = ['fetch', '--progress', 'origin', '--prune', '--recurse-submodules=no'];
    await git.run(fetch, `git fetch failed for [${git.remote.masked}]`, { isRemote: true });
    await showRevision(git, wanted.revision);
    await finish(git, wanted);
    return true;
  } catch (error) {
    git.cancelled.throwIfAborted();
    if (!(await isCloneToBlame(git, wanted, isFaultAfar(error)))) throw error;
    git.say(`[GIT] The existing clone cannot be used and is replaced: ${describeError(error)}`);
    return false;
  }
}

/**
 * If the server does not answer either, or the commit is not there, a fresh clone would fail as well. After a fault that came from
 * afar, only a damage that can be seen here counts.
 */
async function isCloneToBlame(git: GitCommand, { revision }: Wanted, isAfar: boolean): Promise<boolean> {
  if (!(await doesRemoteAnswer(git, { isRemote: !isAfar }))) return false;
  return !(await isConnected(git)) || (!isAfar && (await hasCommit(git, revision)));
}

async function finish(git: GitCommand, { depth }: Wanted): Promise<void> {
  await updateSubmodules(git, depth !== undefined);
  git.say('[GIT] Cleaning all unversioned files in working copy');
  await git.run(['clean', '-dffx'], `git clean failed for [${git.folder}]`);
}
