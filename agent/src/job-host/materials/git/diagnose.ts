// What a checkout that failed is to be blamed on.

import type { RunOptions } from '../scm-client.ts';
import type { GitCommand } from './git-command.ts';

/** @param options where to run, and whether one attempt is not enough */
export async function doesRemoteAnswer(git: GitCommand, options: RunOptions): Promise<boolean> {
  return (await git.ask(['ls-remote', '--', git.remote.url, 'HEAD'], options)) !== undefined;
}

/** Whether every object is here that the others need; whether each is whole inside takes a look at them all. */
export async function isConnected(git: GitCommand, gitDir?: string): Promise<boolean> {
  const fsck = ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'];
  const bare = gitDir === undefined ? undefined : { cwd: gitDir };
  return (await git.ask(bare ? ['--git-dir=.', ...fsck] : fsck, bare)) !== undefined;
}
