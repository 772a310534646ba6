import { randomUUID } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, fail, ok } from '../check.ts';

interface HomeFacts {
  readonly kind: 'folder' | 'missing' | 'other';
  /** Error code of a write; absent if one works. */
  readonly refused?: string;
}

const REMEDY: Readonly<Record<string, string>> = {
  EROFS: 'mount its file system for writing; after an I/O error look at dmesg and check the disk',
  ENOSPC: 'free space or inodes on its file system',
  EDQUOT: 'raise the quota of its owner, or free space',
  EACCES: 'run as the user whose home it is, or give it to that user with chown',
  EPERM: 'run as the user whose home it is; see lsattr for files that may not be changed',
};

export const homeCheck = check({
  name: 'home',
  about: 'whether the home folder is there and can be written',
  async look({ home }): Promise<HomeFacts> {
    const found = await stat(home).catch(() => undefined);
    if (found === undefined) return { kind: 'missing' };
    if (!found.isDirectory()) return { kind: 'other' };
    const probe = join(home, `.doctor-${randomUUID()}`);
    try {
      await writeFile(probe, 'written by go-agent doctor\n', { flag: 'wx' });
      return { kind: 'folder' };
    } catch (error) {
      return { kind: 'folder', refused: (error as NodeJS.ErrnoException).code ?? 'unknown' };
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
  },
  judge({ kind, refused }, { home }) {
    if (kind === 'missing')
      return fail(
        `there is no folder ${home}`,
        'check --home and GO_AGENT_HOME; the first start makes the folder',
      );
    if (kind === 'other') return fail(`${home} is no folder`, 'check --home and GO_AGENT_HOME');
    if (refused === undefined) return ok(`${home} can be written`);
    return fail(`${home} cannot be written (${refused})`, REMEDY[refused] ?? 'look at its file system');
  },
});
