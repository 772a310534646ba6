import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '@go-agent/runtime/core';
import { splitCredentials } from '../url-credentials.ts';
import { cloneFromCache } from './cache/clone-from-cache.ts';
import { isFolder } from './existing-clone.ts';
import type { GitCommand } from './git-command.ts';
import { type Submodule, submodulesOf } from './submodules-of.ts';

/**
 * Clones the submodules of one repository, not those within them, from the object cache of the machine, as far as they are not here
 * yet. Best effort: what is not done here, `git submodule update` does from afar.
 */
export async function seedSubmodules(git: GitCommand): Promise<void> {
  const metadata = await git.ask(['rev-parse', '--absolute-git-dir']);
  if (metadata === undefined) return;
  for (const submodule of await submodulesOf(git)) {
    const gitDir = join(metadata, 'modules', submodule.name);
    const isNew = !(await isFolder(gitDir)) && (await readdir(submodule.folder)).length === 0;
    if (isNew) await seed(git, submodule, gitDir);
  }
}

async function seed(git: GitCommand, { name, folder }: Submodule, gitDir: string): Promise<void> {
  const url = await git.ask(['config', '--get', `submodule.${name}.url`]);
  // Credentials in the repository itself are no secret of this job; yet they do not belong into the cache's configuration.
  if (url === undefined || splitCredentials(url).secrets.length > 0) return;
  try {
    await cloneFromCache(git.in(folder, url), { gitDir });
  } catch (error) {
    git.cancelled.throwIfAborted();
    git.say(`[GIT] ${describeError(error)}`);
  }
}
