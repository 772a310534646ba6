import { access, constants, readFile, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, ok, skipped, warn } from '../check.ts';

interface ContainmentFacts {
  readonly chosen: string;
  /** Of the process that would make groups; undefined without cgroup v2. */
  readonly folder: string | undefined;
  readonly writable: boolean;
}

export const containmentCheck = check({
  name: 'containment',
  about: 'whether each job gets a control group of its own',
  async look({ processPid, resolution }): Promise<ContainmentFacts> {
    const folder = await groupOf(processPid);
    const chosen = valueOf(resolution, 'containment') ?? 'best';
    return { chosen, folder, writable: folder !== undefined && (await maySplit(processPid, folder)) };
  },
  judge({ chosen, folder, writable }) {
    const weaker = 'jobs are held together by their session and a mark in their environment';
    if (process.platform !== 'linux') return skipped('this system has no control groups');
    if (chosen === 'session')
      return warn(
        `containment is set to session: ${weaker}`,
        'set containment to best, unless there is a reason not to',
      );
    if (folder === undefined)
      return warn(
        `there is no cgroup v2 here: ${weaker}`,
        'mount cgroup2, as systemd does; in a container, give it a writable one',
      );
    if (!writable)
      return warn(
        `the control group ${folder} is not the agent's to divide: ${weaker}`,
        'Delegate=yes in the unit of the agent: go-agent service install writes one',
      );
    return ok(`jobs get control groups of their own below ${folder}`);
  },
});

async function groupOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '');
  const own = /^0::(\/.*)$/m.exec(text)?.[1];
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  for (const line of own === undefined ? [] : mounts.split('\n')) {
    const [mount = '', fileSystem = ''] = line.split(' - ');
    const [, , , root = '/', mountPoint = ''] = mount.split(' ');
    if (!fileSystem.startsWith('cgroup2 ')) continue;
    const within = posix.relative(root, own ?? '/');
    if (!within.startsWith('..')) return join(mountPoint, within);
  }
  return undefined;
}

/** Whether the user of a process may make groups there; for this process the system itself says so. */
async function maySplit(pid: number, folder: string): Promise<boolean> {
  try {
    const [owner, group] = [(await stat(`/proc/${pid}`)).uid, await stat(folder)];
    if (owner !== 0 && owner !== process.getuid?.()) return group.uid === owner && (group.mode & 0o200) !== 0;
    await access(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
