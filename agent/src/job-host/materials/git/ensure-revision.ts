import { join } from 'node:path';
import { AppError } from '@go-agent/runtime/core';
import { isFile } from './existing-clone.ts';
import type { GitCommand } from './git-command.ts';

const FAILED = 'git fetch failed';
const SOME = 100;
const ALL = 2_147_483_647;

/**
 * Makes sure that the clone has the commit: a shallow one is deepened, at last the commit itself is asked for (it may have been pushed
 * away from its branch).
 * @throws AppError material-failed
 */
export async function ensureRevision(git: GitCommand, revision: string): Promise<void> {
  if (await hasCommit(git, revision)) return;
  for (const depth of [SOME, ALL]) {
    if (!(await isFile(join(git.folder, '.git', 'shallow')))) break;
    git.say(`[GIT] Unshallowing repository with depth ${depth}`);
    const deepen = ['fetch', 'origin', `--depth=${depth}`, '--recurse-submodules=no'];
    await git.run(deepen, FAILED, { isRemote: true });
    if (await hasCommit(git, revision)) return;
  }
  const fetched = await git.try(['fetch', 'origin', '--recurse-submodules=no', revision], { isRemote: true });
  if (await hasCommit(git, revision)) return;
  if (fetched.mayPass) throw git.failed(FAILED, fetched);
  throw new AppError(
    'material-failed',
    `Revision ${revision} is not in ${git.remote.masked}. It may have been removed by a forced push; trigger the pipeline again`,
  );
}

export async function hasCommit(git: GitCommand, revision: string): Promise<boolean> {
  return (await git.ask(['rev-parse', '--quiet', '--verify', `${revision}^{commit}`])) !== undefined;
}
