import { join } from 'node:path';
import { workAs } from '@go-agent/runtime/core';
import type { JobUser } from '../../journal/job-user.ts';
import { scratchIn } from '../../space/kept-folder.ts';
import { gitCacheFolder } from '../materials/git/cache/cache-folder.ts';
import { giveFolder } from './give-folder.ts';

export interface UserFolders {
  /** The agent's home. Absolute, as are all paths here. */
  readonly home: string;
  readonly workingDir: string;
  readonly buildId: number;
}

/**
 * From now on this process reads and writes as the job's user, so that neither an artifact nor a checkout leads it by a link to where
 * the job itself may not go. The journal and its sockets stay the agent's, and out of the job's reach.
 * @returns the absolute path of a folder for temporary files, which the user owns
 * @throws AppError job-user-folder
 */
export async function enterJobUser(user: JobUser, folders: UserFolders): Promise<string> {
  const { home, workingDir, buildId } = folders;
  const scratch = join(scratchIn(home), String(buildId));
  await giveFolder(home, workingDir, user);
  await giveFolder(home, gitCacheFolder(home), user);
  await giveFolder(home, scratch, user);
  workAs(user);
  return scratch;
}
