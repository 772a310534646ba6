import { execFile } from 'node:child_process';
import { lchown, lstat, mkdir } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { promisify } from 'node:util';
import { AppError, describeError, type UserId } from '@go-agent/runtime/core';

/**
 * Makes a folder below `home` the user's: a new one, or one that an agent without a job user has left, with all that is in it.
 * @throws AppError job-user-folder
 */
export async function giveFolder(home: string, folder: string, { uid, gid }: UserId): Promise<void> {
  const inside = relative(home, folder);
  if (inside === '' || inside.startsWith('..') || isAbsolute(inside))
    throw failed(folder, `it is not below ${home}`);
  try {
    const stats = await lstat(folder).catch(() => undefined);
    if (stats === undefined) {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await lchown(folder, uid, gid);
    } else if (!stats.isDirectory()) {
      throw new Error('it is not a folder, or a link to one');
    } else if (stats.uid !== uid) {
      // `-P` and `-h`: no link is followed, neither to a folder nor to a file.
      await promisify(execFile)('chown', ['-RPh', `${uid}:${gid}`, '--', folder]);
    }
  } catch (error) {
    throw failed(folder, describeError(error), error);
  }
}

function failed(folder: string, why: string, cause?: unknown): AppError {
  const message = `${folder} cannot be given to the user of --run-jobs-as: ${why}`;
  return new AppError('job-user-folder', message, { cause });
}
