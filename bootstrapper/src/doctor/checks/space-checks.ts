import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSize } from '../../settings/judge-value.ts';
import { valueOf } from '../../settings/resolve-settings.ts';
import { check, fail, ok, skipped, warn } from '../check.ts';
import { inWords } from '../in-words.ts';
import { listFolder } from '../probes/list-folder.ts';
import type { Subject } from '../subject.ts';

/** Below it the agent asks for no work, as below its `disk-limit`. */
const INODE_LIMIT = 1000;
const LOGS_LIMIT = 200_000_000;
const TEMPORARY_LIMIT = 50_000_000;

/** What was set for the agent at its start does not change by how this command was started. */
function diskLimit({ resolution }: Subject): number {
  return parseSize(valueOf(resolution, 'disk-limit') ?? '') ?? 0;
}

export const diskCheck = check({
  name: 'disk',
  about: 'free space where the home folder is',
  async look(subject) {
    const { bavail, bsize } = await statfs(subject.home);
    return { free: bavail * bsize, limit: diskLimit(subject) };
  },
  judge({ free, limit }, { home }) {
    const saw = `${inWords(free)} are free for ${home}, and the limit is ${inWords(limit)}`;
    const remedy = `free space there; workspace-max-size and workspace-max-age bound what workspaces may take`;
    if (free < limit) return fail(`${saw}: the agent asks for no work`, remedy);
    return free < 2 * limit ? warn(saw, remedy) : ok(saw);
  },
});

export const inodeCheck = check({
  name: 'inodes',
  about: 'free inodes where the home folder is',
  look: async ({ home }) => statfs(home),
  judge({ files, ffree }, { home }) {
    if (files === 0) return skipped('this file system does not count inodes');
    const saw = `${ffree} inodes are free for ${home}, and ${INODE_LIMIT} are needed`;
    const remedy =
      'remove many small files, such as old workspaces in pipelines/; or a file system with more inodes';
    if (ffree < INODE_LIMIT) return fail(`${saw}: the agent asks for no work`, remedy);
    return ffree < 5 * INODE_LIMIT ? warn(saw, remedy) : ok(saw);
  },
});

export const logSizeCheck = check({
  name: 'log-size',
  about: 'what the logs take',
  async look({ home }) {
    const folder = join(home, 'logs');
    const names = (await listFolder(folder)) ?? [];
    const sizes = await Promise.all(
      names.map(async (name) => ({
        name,
        bytes: (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0,
      })),
    );
    return sizes.toSorted((a, b) => b.bytes - a.bytes);
  },
  judge(sizes, { home }) {
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    const saw = `the logs take ${inWords(total)}`;
    if (total <= LOGS_LIMIT) return ok(saw);
    return warn(
      `${saw}, more than their rotation leaves; the largest is ${sizes[0]?.name} with ${inWords(sizes[0]?.bytes ?? 0)}`,
      `look at what repeats itself in it, remove what is old in ${join(home, 'logs')}, and see that log-level is not trace or debug`,
    );
  },
});

export const temporaryCheck = check({
  name: 'temporary-files',
  about: 'the folder for temporary files',
  async look({ environment }) {
    const folder = environment['TMPDIR'] ?? tmpdir();
    const found = await statfs(folder).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown');
    return typeof found === 'string'
      ? { folder, problem: found }
      : { folder, free: found.bavail * found.bsize };
  },
  judge({ folder, problem, free = 0 }) {
    const remedy = 'set TMPDIR to a folder that is there and has space, where the agent is started';
    if (problem !== undefined) return fail(`${folder} cannot be used (${problem})`, remedy);
    const saw = `${inWords(free)} are free in ${folder}`;
    return free < TEMPORARY_LIMIT ? warn(saw, remedy) : ok(saw);
  },
});
