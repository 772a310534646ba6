import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isFile } from './existing-clone.ts';
import type { GitCommand } from './git-command.ts';

export interface Submodule {
  readonly name: string;
  /** Absolute path of its folder, which exists. */
  readonly folder: string;
}

/** The submodules that the checked-out files of a repository name, without those within them. */
export async function submodulesOf(git: GitCommand): Promise<Submodule[]> {
  if (!(await isFile(join(git.folder, '.gitmodules')))) return [];
  const list = ['config', '-z', '--file=.gitmodules', '--get-regexp', '^submodule\\..*\\.path$'];
  const found = await Promise.all(
    parseSubmodulePaths((await git.ask(list)) ?? '').map(async ({ name, path }) => {
      const folder = join(git.folder, path);
      return (await isRealFolder(git.folder, path)) ? [{ name, folder }] : [];
    }),
  );
  return found.flat();
}

/** @param listing entries `submodule.<name>.path`, line feed, path, zero byte */
export function parseSubmodulePaths(listing: string): { name: string; path: string }[] {
  return listing.split('\0').flatMap((entry) => {
    const [, name = '', path = ''] = /^submodule\.(.+)\.path\n(.+)$/s.exec(entry) ?? [];
    return leadsInside(name) && leadsInside(path) ? [{ name, path: path.replace(/\/+$/, '') }] : [];
  });
}

/** The file comes out of the repository, so its names may be meant to lead elsewhere. */
function leadsInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split(/[/\\]/).includes('..');
}

async function isRealFolder(root: string, path: string): Promise<boolean> {
  const folder = join(root, path);
  const stats = await lstat(folder).catch(() => undefined);
  return (stats?.isDirectory() ?? false) && (await realpath(folder)) === join(await realpath(root), path);
}
