// What is new in a git repository: `ls-remote` tells whether there is anything, a bare mirror tells what.

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, type Clock } from '@go-agent/runtime/core';
import type { GitMaterialConfig } from '../domain/pipeline-config.ts';
import type { NewModification } from '../store/modification-repository.ts';
import { credentialsFile, gitCredentials } from './git-credentials.ts';
import { COMMIT_FORMAT, parseChangedFiles, parseCommits } from './git-log.ts';
import { runGit } from './run-git.ts';

export interface GitPollerOptions {
  /** For mirrors and, while git runs, credentials. */
  readonly folder: string;
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly open: (sealed: string) => string;
}

type Run = (args: readonly string[], stdin?: string) => Promise<string>;

export class GitPoller {
  readonly #options: GitPollerOptions;
  /** Tips with nothing new although they differ from what is known, by fingerprint: of a branch that was set back. */
  readonly #seen = new Map<string, string>();

  constructor(options: GitPollerOptions) {
    this.#options = options;
  }

  /**
   * Commits since `last`, oldest first; only the newest if there is no `last`.
   * @throws AppError `git-failed`, `git-missing`, `branch-missing`, `deadline-exceeded`, `secret-unreadable`
   */
  async poll(
    material: GitMaterialConfig,
    last: string | undefined,
    signal: AbortSignal,
  ): Promise<NewModification[]> {
    const { folder, clock, deadlineMs, open } = this.#options;
    await mkdir(folder, { recursive: true });
    const password = material.sealedPassword === undefined ? undefined : open(material.sealedPassword);
    const { url, username } = material;
    await using credentials = await gitCredentials(credentialsFile(folder, material.fingerprint), {
      url,
      username,
      password,
    });
    const run: Run = (args, stdin) =>
      runGit({
        args: [...credentials.args, ...args],
        ...(stdin === undefined ? {} : { stdin }),
        clock,
        deadlineMs,
        signal,
      });
    const ref = remoteRef(material.branch);
    const tip = await this.#remoteTip(run, material, ref);
    if (tip === last || (last !== undefined && this.#seen.get(material.fingerprint) === tip)) return [];
    const mirror = join(folder, `${material.fingerprint}.git`);
    await updateMirror(run, mirror, material.url, ref);
    const commits = await newCommits((args, stdin) => run(['--git-dir', mirror, ...args], stdin), tip, last);
    if (commits.length === 0) this.#seen.set(material.fingerprint, tip);
    return commits;
  }

  async #remoteTip(run: Run, material: GitMaterialConfig, ref: string): Promise<string> {
    const output = await run(['ls-remote', '--', material.url, ref]);
    const line = output.split('\n').find((candidate) => candidate.endsWith(`\t${ref}`));
    const tip = line?.split('\t', 1)[0];
    if (tip !== undefined) return tip;
    throw new AppError(
      'branch-missing',
      `There is no ${ref} in ${material.url}. Correct the branch of the material, or push it.`,
    );
  }
}

function remoteRef(branch: string): string {
  const [source = branch] = branch.split(':');
  return source.startsWith('refs/') ? source : `refs/heads/${source}`;
}

/** A mirror that cannot be fetched into (cut short by a crash, for example) is made anew once. */
async function updateMirror(run: Run, mirror: string, url: string, ref: string): Promise<void> {
  const fetch = async () => {
    await run(['init', '--quiet', '--bare', mirror]);
    await run(['--git-dir', mirror, 'fetch', '--quiet', '--force', '--no-tags', '--', url, `+${ref}:${ref}`]);
  };
  try {
    await fetch();
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'git-failed')) throw error;
    await rm(mirror, { recursive: true, force: true });
    await fetch();
  }
}

async function newCommits(run: Run, tip: string, last: string | undefined): Promise<NewModification[]> {
  const isKnown = last !== undefined && (await exists(run, last));
  const range = isKnown ? [`${last}..${tip}`] : ['--max-count=1', tip];
  const commits = parseCommits(
    await run(['log', '-z', `--format=${COMMIT_FORMAT}`, '--no-patch', ...range, '--']),
  );
  if (commits.length === 0) return [];
  const list = commits.map((commit) => `${commit.revision}\n`).join('');
  const files = parseChangedFiles(await run(['diff-tree', '--stdin', '-r', '--root', '--raw', '-z'], list));
  return commits.map((commit) => ({ ...commit, files: files.get(commit.revision) ?? [] })).reverse();
}

/** A branch that was overwritten may have left its old commits behind. */
async function exists(run: Run, revision: string): Promise<boolean> {
  try {
    await run(['cat-file', '-e', `${revision}^{commit}`]);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'git-failed') return false;
    throw error;
  }
}
