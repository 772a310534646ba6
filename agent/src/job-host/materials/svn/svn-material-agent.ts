import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SvnMaterial } from '@go-agent/protocol';
import { describeError } from '@go-agent/runtime/core';
import { type Checkout, type MaterialAgent, shownTarget } from '../material-agent.ts';
import { removeTree } from '../remove-tree.ts';
import { isSameRemote } from '../same-remote.ts';
import { isFaultAfar } from '../scm-client.ts';
import { SvnCommand } from './svn-command.ts';

/** Checks out Subversion materials (agent-behaviour 8.11): the working copy of the last job is updated, or replaced if that fails. */
export const svnMaterialAgent: MaterialAgent<SvnMaterial> = {
  async update({ material, revision, folder, context }: Checkout<SvnMaterial>): Promise<void> {
    const svn = new SvnCommand(folder, material, context);
    svn.say(`[go] Start updating ${shownTarget(material)} at revision ${revision} from ${svn.masked}`);
    const updated = (await canReuse(svn)) && (await tryExisting(svn, revision));
    if (!updated) await checkOutAnew(svn, revision);
    svn.say('[go] Done.\n');
  },
};

async function canReuse(svn: SvnCommand): Promise<boolean> {
  const url = await svn.workingCopyUrl();
  return url !== undefined && isSameRemote(url, svn.url);
}

/** @returns false if the working copy is broken, so that a fresh one is the remedy */
async function tryExisting(svn: SvnCommand, revision: string): Promise<boolean> {
  try {
    // Also removes the locks of a client that was killed.
    await svn.run(['cleanup'], 'svn cleanup failed');
    await svn.run(['revert', '--recursive', '.'], 'svn revert failed');
    const update = ['update', '--force', '--accept=theirs-full', '--revision', revision];
    await svn.runRemote(update, `svn update failed for [${svn.masked}]`);
    if (await svn.hasLocalChanges()) await svn.run(['revert', '--recursive', '.'], 'svn revert failed');
    return true;
  } catch (error) {
    svn.cancelled.throwIfAborted();
    if (isFaultAfar(error) || !(await svn.canSee(revision))) throw error;
    svn.say(`[SVN] The existing working copy cannot be used and is replaced: ${describeError(error)}`);
    return false;
  }
}

async function checkOutAnew(svn: SvnCommand, revision: string): Promise<void> {
  await removeTree(svn.folder);
  const parent = dirname(svn.folder);
  await mkdir(parent, { recursive: true });
  const checkout = ['checkout', '--revision', revision, svn.pegged(revision), svn.folder];
  await svn.runRemote(checkout, `Failed to run svn checkout command for [${svn.masked}]`, { cwd: parent });
}
