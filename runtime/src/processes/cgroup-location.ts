import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** The process's own path within the unified hierarchy, from /proc/<pid>/cgroup; null without cgroup v2. */
export function parseOwnCgroup(text: string): string | null {
  return /^0::(\/.*)$/m.exec(text)?.[1] ?? null;
}

export interface CgroupMount {
  /** Which part of the hierarchy is mounted. */
  readonly root: string;
  readonly mountPoint: string;
}

/** The mounts of cgroup v2 in /proc/<pid>/mountinfo: /sys/fs/cgroup, or beside cgroup v1 /sys/fs/cgroup/unified. */
export function parseCgroupMounts(mountinfo: string): CgroupMount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [mount, fileSystem] = line.split(' - ');
    const [, , , root, mountPoint] = mount?.split(' ') ?? [];
    if (!root || !mountPoint || !fileSystem?.startsWith('cgroup2 ')) return [];
    return [{ root: unescapeMount(root), mountPoint: unescapeMount(mountPoint) }];
  });
}

/** Where a group of the hierarchy is in the file system; null if no mount shows it. */
export function cgroupFolder(path: string, mounts: readonly CgroupMount[]): string | null {
  for (const { root, mountPoint } of mounts) {
    const within = posix.relative(root, path);
    if (!within.startsWith('..')) return join(mountPoint, within);
  }
  return null;
}

/** The folder of this process's own group now; null if there is no cgroup v2 to be seen. */
export function ownCgroupFolder(): string | null {
  try {
    const own = parseOwnCgroup(readFileSync('/proc/self/cgroup', 'utf8'));
    return own && cgroupFolder(own, parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8')));
  } catch {
    return null;
  }
}

/** mountinfo writes space, tab, newline and backslash as three octal digits. */
function unescapeMount(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
