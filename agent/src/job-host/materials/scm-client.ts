import { ConsoleTag } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import type { Environment } from '../environment/job-environment.ts';
import type { JobContext } from '../job-context.ts';
import { isPassingFault } from './passing-fault.ts';
import { ThinProgress } from './thin-progress.ts';
import { tryAgain } from './try-again.ts';

/** How much of what a client says last tells why it failed. Bytes. */
const LAST_WORDS = 16 * 1024;

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
  /** It speaks with a server: a fault of the network or the server that may pass is met with further attempts. Default false. */
  readonly isRemote?: boolean;
}

export interface ScmOutcome {
  readonly exitCode: number;
  /** It failed for a reason that may be over later. */
  readonly mayPass: boolean;
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

  /** @throws AppError material-failed if the client cannot be started; the reason of a cancel */
  async try(args: readonly string[], options: RunOptions = {}): Promise<ScmOutcome> {
    return this.#run(args, options);
  }

  /** @throws AppError material-failed with `failure`, retryable if that may pass */
  async run(args: readonly string[], failure: string, options: RunOptions = {}): Promise<void> {
    const outcome = await this.#run(args, options);
    if (outcome.exitCode !== 0) throw this.failed(failure, outcome);
  }

  /** Standard output without white space at its ends; undefined if the client failed. */
  async ask(args: readonly string[], options: RunOptions = {}): Promise<string | undefined> {
    const { exitCode, output } = await this.#run(args, options, true);
    return exitCode === 0 ? output.trim() : undefined;
  }

  failed(failure: string, { exitCode, mayPass }: ScmOutcome): AppError {
    const message = `${failure} (${this.#options.command} ended with exit code ${exitCode})`;
    return new AppError('material-failed', message, { retryable: mayPass });
  }

  #run(args: readonly string[], options: RunOptions, isAsked = false) {
    const attempt = () => this.#attempt(args, options, isAsked);
    if (options.isRemote !== true) return attempt();
    const label = `[${this.#options.command.toUpperCase()}]`;
    const say = (text: string) => this.say(`${label} ${text}`);
    return tryAgain(attempt, { clock: this.context.clock, signal: this.cancelled, say });
  }

  /** @returns with the standard output, if that is asked for */
  async #attempt(
    args: readonly string[],
    { cwd = this.folder, input }: RunOptions,
    isAsked: boolean,
  ): Promise<ScmOutcome & { readonly output: string }> {
    const { processes, inherited, cancelled, clock } = this.context;
    const { command, product, options = [], environment = {}, withheld = [] } = this.#options;
    const output: Buffer[] = [];
    let said = Buffer.alloc(0);
    const outcome = await processes.run({
      command,
      args: [...options, ...args],
      cwd,
      // Its messages have to be understood, in whatever language it would speak with the user.
      env: { ...withoutNames(inherited, withheld), LANGUAGE: 'C', ...environment },
      stdout: ConsoleTag.prepareOut,
      stderr: ConsoleTag.prepareError,
      stderrPrefix: 'STDERR: ',
      reshapeStderr: (console) => new ThinProgress(console, clock),
      watchStream: () => (chunk) => {
        said = Buffer.concat([said, chunk]).subarray(-LAST_WORDS);
      },
      signal: cancelled,
      ...(input === undefined ? {} : { input }),
      ...(isAsked ? { capture: (chunk) => output.push(chunk) } : {}),
    });
    cancelled.throwIfAborted();
    if (outcome.kind === 'exited') {
      const { exitCode } = outcome;
      const mayPass = exitCode !== 0 && isPassingFault(said.toString());
      return { exitCode, mayPass, output: Buffer.concat(output).toString() };
    }
    const why = outcome.kind === 'not-started' ? outcome.message : 'The job was cancelled';
    const remedy = `Install ${product} on this agent, with ${command} on its PATH`;
    throw new AppError('material-failed', `${command} could not be started: ${why}. ${remedy}`);
  }
}

/** Whether a run of a client failed, after all its attempts, for a reason that says nothing about what is on this machine. */
export function isFaultAfar(error: unknown): boolean {
  return error instanceof AppError && error.retryable;
}

function withoutNames(environment: Environment, names: readonly string[]): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}
