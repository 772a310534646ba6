import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError } from '@go-agent/runtime/core';
import type { JobUser } from '../../journal/job-user.ts';

/**
 * The user of `--run-jobs-as`, by name or number.
 * @throws AppError agent-settings if there is no such user, or if this agent may not start processes as another one
 */
export async function findJobUser(wanted: string): Promise<JobUser> {
  if (process.getuid?.() !== 0) {
    throw new AppError(
      'agent-settings',
      `run-jobs-as is "${wanted}", and only root may run jobs as another user; start the agent as root, or leave it out`,
    );
  }
  const user = parseEntry(await readEntry(wanted));
  if (user === undefined) {
    throw new AppError(
      'agent-settings',
      `run-jobs-as is "${wanted}", and this machine has no such user; create it, or name another one`,
    );
  }
  if (user.uid === 0) {
    throw new AppError(
      'agent-settings',
      `run-jobs-as is "${wanted}", which is root: a job of root's can read everything; name another user`,
    );
  }
  return user;
}

/** A line of passwd(5). */
export function parseEntry(line: string): JobUser | undefined {
  const [name, , uid, gid, , home] = line.trim().split(':');
  if (!name || !home || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) return undefined;
  return { name, uid: Number(uid), gid: Number(gid), home };
}

/** From wherever this machine has its users, a directory service included; without `getent` from /etc/passwd. */
async function readEntry(wanted: string): Promise<string> {
  try {
    return (await promisify(execFile)('getent', ['passwd', '--', wanted])).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return '';
  }
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n');
  return lines.find((line) => [line.split(':')[0], line.split(':')[2]].includes(wanted)) ?? '';
}
