// This repository as a git material: an address and a branch.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Repository {
  readonly url: string;
  readonly branch: string;
}

/**
 * The branch that is checked out. Without one (a detached head, as many CI systems leave it) a copy below `base` has it.
 * @throws Error if there is no git, or no commit
 */
export function findRepository(root: string, base: string): Repository {
  const head = git(root, 'rev-parse', '--verify', '--quiet', 'HEAD');
  if (!head.ok) {
    const reason = head.missing ? 'git is not installed' : 'this folder is no git repository with a commit';
    throw new Error(
      `npm start builds this repository from its own history, but ${reason}. Remedy: run it in a git clone.`,
    );
  }
  const branch = git(root, 'symbolic-ref', '--quiet', '--short', 'HEAD');
  if (branch.ok) return { url: pathToFileURL(root).href, branch: branch.output };
  const copy = join(base, 'repository.git');
  for (const args of [
    ['init', '--quiet', '--bare', copy],
    ['-C', copy, 'fetch', '--quiet', '--force', root, 'HEAD:refs/heads/head'],
  ]) {
    const done = git(root, ...args);
    if (!done.ok) throw new Error(`git ${args.join(' ')} failed: ${done.output}`);
  }
  return { url: pathToFileURL(copy).href, branch: 'head' };
}

function git(folder: string, ...args: string[]) {
  const done = spawnSync('git', args, { cwd: folder, encoding: 'utf8' });
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim();
  return { ok: done.status === 0, missing: done.error !== undefined, output };
}
