import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HgMaterial } from '@go-agent/protocol';
import { AppError, describeError } from '@go-agent/runtime/core';
import { type Checkout, type MaterialAgent, shownTarget } from '../material-agent.ts';
import { removeTree } from '../remove-tree.ts';
import { isSameRemote } from '../same-remote.ts';
import { isFaultAfar } from '../scm-client.ts';
import { splitCredentials } from '../url-credentials.ts';
import { HgCommand } from './hg-command.ts';

/** Checks out Mercurial materials (agent-behaviour 8.11): the clone of the last job is brought up to date, or replaced if that fails. */
export const hgMaterialAgent: MaterialAgent<HgMaterial> = {
  async update({ material, revision, folder, context }: Checkout<HgMaterial>): Promise<void> {
    const hg = new HgCommand(folder, material, context);
    const branch = material.branch ? [`--branch=${material.branch}`] : [];
    hg.say(`[go] Start updating ${shownTarget(material)} at revision ${revision} from ${hg.masked}`);
    const updated = (await canReuse(hg)) && (await tryExisting(hg, branch, revision));
    if (!updated) await cloneAnew(hg, branch, revision);
    hg.say('[go] Done.\n');
  },
};

async function canReuse(hg: HgCommand): Promise<boolean> {
  const url = await hg.cloneUrl();
  // A clone made by another agent may hold a password in its URL, which must not stay.
  return url !== undefined && isSameRemote(url, hg.url) && splitCredentials(url).secrets.length === 0;
}

/** @returns false if the clone is broken, so that a fresh one is the remedy */
async function tryExisting(hg: HgCommand, branch: readonly string[], revision: string): Promise<boolean> {
  try {
    await removeStaleLocks(hg.folder);
    await hg.runRemote(['pull', ...branch, '--', hg.url], `hg pull failed for [${hg.masked}]`);
    await updateTo(hg, revision);
    return true;
  } catch (error) {
    hg.cancelled.throwIfAborted();
    if (isFaultAfar(error) || !(await isCloneToBlame(hg, revision))) throw error;
    hg.say(`[HG] The existing clone cannot be used and is replaced: ${describeError(error)}`);
    return false;
  }
}

/** If the server does not answer either, or a sound clone does not have the revision, a fresh clone would fail as well. */
async function isCloneToBlame(hg: HgCommand, revision: string): Promise<boolean> {
  if (!(await hg.doesRemoteAnswer())) return false;
  return (await hg.hasRevision(revision)) || (await hg.ask(['verify', '--quiet'])) === undefined;
}

async function cloneAnew(hg: HgCommand, branch: readonly string[], revision: string): Promise<void> {
  await removeTree(hg.folder);
  const parent = dirname(hg.folder);
  await mkdir(parent, { recursive: true });
  const clone = ['clone', '--noupdate', ...branch, '--', hg.url, hg.folder];
  await hg.runRemote(clone, `Failed to run hg clone command for [${hg.masked}]`, { cwd: parent });
  await updateTo(hg, revision);
}

async function updateTo(hg: HgCommand, revision: string): Promise<void> {
  if (!(await hg.hasRevision(revision))) {
    const remedy = 'It may have been stripped, or be on another branch; trigger the pipeline again';
    throw new AppError('material-failed', `Revision ${revision} is not in ${hg.masked}. ${remedy}`);
  }
  // Subrepositories may speak with a server too.
  await hg.runRemote(['update', '--clean', `--rev=${revision}`], `hg update failed for [${hg.folder}]`);
}

/** Nobody else works in the job's folder, so a lock in it was left by an hg that was killed. */
async function removeStaleLocks(folder: string): Promise<void> {
  for (const lock of ['wlock', 'store/lock']) await rm(join(folder, '.hg', lock), { force: true });
}
