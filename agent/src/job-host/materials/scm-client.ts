import { ConsoleTag } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { Environment } from '../environment/job-environment.ts';
import type { JobContext } from '../job-context.ts';
import { ThinProgress } from './thin-progress.ts';

export interface ScmClientOptions {
  /** The program, found on the PATH. */
  readonly command: string;
  /** What a user calls it, for messages. */
  readonly product: string;
  /** Absolute path of the folder that it works in. */
  readonly folder: string;
  /** In front of the arguments of every call. No secrets: other users can read them. */
  readonly options?: readonly string[];
  /** Variables for the client, which may hold secrets. */
  readonly environment?: Environment;
  /** Variables of the agent's environment that would lead the client astray. */
  readonly withheld?: readonly string[];
}

export interface RunOptions {
  /** Where to run it; by default the folder. */
  readonly cwd?: string;
  /** Its standard input. May hold secrets. */
  readonly input?: string;
}

/** The command-line client of one kind of SCM at work in one folder, its output on the console (`pr`, and `pe` with `STDERR: `). */
export class ScmClient {
  readonly folder: string;
  readonly context: JobContext;
  readonly #options: ScmClientOptions;

  constructor(options: ScmClientOptions, context: JobContext) {
    this.folder = options.folder;
    this.context = context;
    this.#options = options;
  }

  say(text: string): void {
    this.context.console.line(ConsoleTag.prepareOut, text);
  }

  get cancelled(): AbortSignal {
    return this.context.cancelled;
  }

  /**
   * @returns the exit code
   * @throws AppError material-failed if the client cannot be started; the reason of a cancel
   */
  async try(args: readonly string[], options: RunOptions = {}): Promise<number> {
    return this.#run(args, options);
  }

  /** @throws AppError material-failed with `failure` */
  async run(args: readonly string[], failure: string, options: RunOptions = {}): Promise<void> {
    const exitCode = await this.#run(args, options);
    if (exitCode === 0) return;
    const { command } = this.#options;
    throw new AppError('material-failed', `${failure} (${command} ended with exit code ${exitCode})`);
  }

  /** Standard output without white space at its ends; undefined if the client failed. */
  async ask(args: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
    const chunks: Buffer[] = [];
    const exitCode = await this.#run(args, options, (chunk) => chunks.push(chunk));
    return exitCode === 0 ? Buffer.concat(chunks).toString().trim() : undefined;
  }

  async #run(
    args: readonly string[],
    { cwd = this.folder, input }: RunOptions,
    capture?: (chunk: Buffer) => void,
  ): Promise<number> {
    const { processes, inherited, cancelled, clock } = this.context;
    const { command, product, options = [], environment = {}, withheld = [] } = this.#options;
    const outcome = await processes.run({
      command,
      args: [...options, ...args],
      cwd,
      env: { ...withoutNames(inherited, withheld), ...environment },
      stdout: ConsoleTag.prepareOut,
      stderr: ConsoleTag.prepareError,
      stderrPrefix: 'STDERR: ',
      reshapeStderr: (console) => new ThinProgress(console, clock),
      signal: cancelled,
      ...(input === undefined ? {} : { input }),
      ...(capture ? { capture } : {}),
    });
    cancelled.throwIfAborted();
    if (outcome.kind === 'exited') return outcome.exitCode;
    const why = outcome.kind === 'not-started' ? outcome.message : 'The job was cancelled';
    const remedy = `Install ${product} on this agent, with ${command} on its PATH`;
    throw new AppError('material-failed', `${command} could not be started: ${why}. ${remedy}`);
  }
}

function withoutNames(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
