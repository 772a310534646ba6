import { dirname } from 'node:path';
import { ConsoleTag } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { Environment } from '../../environment/job-environment.ts';
import type { JobContext } from '../../job-context.ts';
import type { GitRemote } from './git-remote.ts';

// The agent owns its working folders, even where a container's user mapping makes git doubt it; garbage is collected before git
// returns, since what runs on in the background would be ended with the job.
const OPTIONS = ['-c', 'safe.directory=*', '-c', 'gc.autoDetach=false', '-c', 'maintenance.autoDetach=false'];

// They would lead git away from the material's folder.
const MISLEADING = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_OBJECT_DIRECTORY'];

/** Runs git in one folder, its output on the console (`pr`, and `pe` with `STDERR: `). */
export class GitCommand {
  readonly folder: string;
  readonly remote: GitRemote;
  readonly #context: JobContext;

  constructor(folder: string, remote: GitRemote, context: JobContext) {
    this.folder = folder;
    this.remote = remote;
    this.#context = context;
  }

  say(text: string): void {
    this.#context.console.line(ConsoleTag.prepareOut, text);
  }

  get cancelled(): AbortSignal {
    return this.#context.cancelled;
  }

  /**
   * @param cwd where to run it; by default the folder
   * @returns git's exit code
   * @throws AppError material-failed if git cannot be started; the reason of a cancel
   */
  async try(args: readonly string[], cwd = this.folder): Promise<number> {
    return this.#run(args, cwd);
  }

  /** @throws AppError material-failed with `failure` */
  async run(args: readonly string[], failure: string, cwd = this.folder): Promise<void> {
    const exitCode = await this.#run(args, cwd);
    if (exitCode !== 0)
      throw new AppError('material-failed', `${failure} (git ended with exit code ${exitCode})`);
  }

  /** Standard output without white space at its ends; undefined if git failed.. */
  async ask(args: readonly string[]): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    const exitCode = await this.#run(args, this.folder, (chunk) => chunks.push(chunk));
    return exitCode === 0 ? Buffer.concat(chunks).toString().trim() : undefined;
  }

  #environment(): Record<string, string> {
    return {
      GIT_TERMINAL_PROMPT: '0',
      GCM_INTERACTIVE: 'never',
      // A broken `.git` must not make git climb to a repository further up, and reset that one.
      GIT_CEILING_DIRECTORIES: dirname(this.folder),
      ...this.remote.environment,
    };
  }

  async #run(args: readonly string[], cwd: string, capture?: (chunk: Buffer) => void): Promise<number> {
    const { processes, inherited, cancelled } = this.#context;
    const outcome = await processes.run({
      command: 'git',
      args: [...OPTIONS, ...this.remote.options, ...args],
      cwd,
      env: { ...withoutNames(inherited, MISLEADING), ...this.#environment() },
      stdout: ConsoleTag.prepareOut,
      stderr: ConsoleTag.prepareError,
      stderrPrefix: 'STDERR: ',
      signal: cancelled,
      ...(capture ? { capture } : {}),
    });
    cancelled.throwIfAborted();
    if (outcome.kind === 'exited') return outcome.exitCode;
    const why = outcome.kind === 'not-started' ? outcome.message : 'The job was cancelled';
    throw new AppError('material-failed', `git could not be started: ${why}. Install git on this agent`);
  }
}

function withoutNames(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
