import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSameRemote } from '../same-remote.ts';
import { splitCredentials } from '../url-credentials.ts';
import type { GitCommand } from './git-command.ts';
import type { RefSpec } from './ref-spec.ts';

/** Whether the clone that is here can be brought to the wanted revision, or a fresh one is needed (agent-behaviour 8.10). */
export async function canReuse(git: GitCommand, refSpec: RefSpec, shallow: boolean): Promise<boolean> {
  const metadata = join(git.folder, '.git');
  if (!(await isFolder(metadata))) return false;
  const config = (name: string) => git.ask(['config', '--get', name]);
  const url = await config('remote.origin.url');
  if (url === undefined || !isSameRemote(url, git.remote.url)) return false;
  // A clone made by another agent may hold a password in its URL, which must not stay.
  if (splitCredentials(url).secrets.length > 0) return false;
  if (refSpec.fetch !== undefined && (await config('remote.origin.fetch')) !== `+${refSpec.fetch}`)
    return false;
  if ((await git.ask(['rev-parse', '--abbrev-ref', 'HEAD'])) !== refSpec.localBranch) return false;
  return shallow || !(await isFile(join(metadata, 'shallow')));
}

/**
 * Removes what a git left that was killed, or cut off from its server: its locks, and packs that it had not received to their end.
 * @param gitDir metadata of a repository in which no git is at work; it may not be there
 */
export async function removeRemains(gitDir: string): Promise<void> {
  if (!(await isFolder(gitDir))) return;
  await removeLocks(gitDir);
  const packs = join(gitDir, 'objects', 'pack');
  for (const name of await readdir(packs).catch((): string[] => []))
    if (name.startsWith('tmp_')) await rm(join(packs, name), { force: true });
}

async function removeLocks(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'objects') await removeLocks(path);
    else if (entry.isFile() && entry.name.endsWith('.lock')) await rm(path, { force: true });
  }
}

export async function isFolder(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() ?? false;
}

export async function isFile(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ?? false;
}
