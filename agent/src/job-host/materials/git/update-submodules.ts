import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isFile } from './existing-clone.ts';
import type { GitCommand } from './git-command.ts';
import { seedSubmodules } from './seed-submodules.ts';
import { submodulesOf } from './submodules-of.ts';

const CLEAN = 'git clean -dffx';

/** Brings the submodules, those in submodules too, to the commits that the checked-out revision names. */
export async function updateSubmodules(git: GitCommand, shallow: boolean): Promise<void> {
  if (!(await isFile(join(git.folder, '.gitmodules')))) return;
  git.say('[GIT] Updating git sub-modules');
  await updateLevel(git, shallow);
  git.say('[GIT] Cleaning unversioned files and sub-modules');
  await git.run(['submodule', 'foreach', '--recursive', CLEAN], 'git clean of submodules failed');
  git.say('[GIT] Git sub-module status');
  await git.run(['submodule', 'status', '--recursive'], 'git submodule status failed');
}

async function updateLevel(git: GitCommand, shallow: boolean): Promise<void> {
  await git.run(['submodule', 'init'], 'git submodule init failed');
  await git.run(['submodule', 'sync'], 'git submodule sync failed');
  if (!shallow) await seedSubmodules(git);
  await update(git, shallow);
  for (const { folder } of await submodulesOf(git)) {
    const isPopulated = (await stat(join(folder, '.git')).catch(() => undefined)) !== undefined;
    if (isPopulated && (await isFile(join(folder, '.gitmodules'))))
      await updateLevel(git.in(folder), shallow);
  }
}

/** A shallow submodule may lack the commit, if the branch has gone on; then all of it is fetched. */
async function update(git: GitCommand, shallow: boolean): Promise<void> {
  const command = ['submodule', 'update', '--init', '--force', '--progress'];
  const remote = { isRemote: true };
  if (shallow && (await git.try([...command, '--depth=1'], remote)).exitCode === 0) return;
  await git.run(command, 'git submodule update failed', remote);
}
