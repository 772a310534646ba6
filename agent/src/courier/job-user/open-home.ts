import { execFile } from 'node:child_process';
import { chmod, lchown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '@go-agent/runtime/core';
import type { JobUser } from '../../journal/job-user.ts';

/**
 * Sets the permissions of a home folder so that the job's user comes to its working folders and to nothing that makes this agent
 * what it is: its token, its keys, and the journals with their sockets.
 * @throws AppError agent-settings if the user still cannot get there, or gets too far
 */
export async function openHome(home: string, user: JobUser): Promise<void> {
  const closed = [join(home, 'config'), join(home, 'jobs')];
  const passed = [home, join(home, 'data')];
  const pipelines = join(home, 'pipelines');
  for (const folder of [...closed, ...passed, pipelines]) await mkdir(folder, { recursive: true });
  for (const folder of closed) await chmod(folder, 0o700);
  for (const folder of passed) await chmod(folder, (await stat(folder)).mode | 0o011);
  // A checkout may make its folder anew.
  await lchown(pipelines, user.uid, user.gid);
  if (!(await canEnter(pipelines, user))) {
    throw new AppError(
      'agent-settings',
      `run-jobs-as: ${user.name} cannot enter ${pipelines}; let that user pass through each folder above it (chmod o+x)`,
    );
  }
  for (const folder of closed) {
    if (await canEnter(folder, user))
      throw new AppError('agent-settings', `run-jobs-as: ${user.name} can enter ${folder}, and must not`);
  }
}

async function canEnter(folder: string, { uid, gid }: JobUser): Promise<boolean> {
  const options = { uid, gid, cwd: '/', env: { PATH: '/usr/bin:/bin' } };
  return promisify(execFile)('test', ['-x', folder], options).then(
    () => true,
    () => false,
  );
}
