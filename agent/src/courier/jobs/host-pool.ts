import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type ProcessIdentity, processIdentity, withFullCoreDump } from '@go-agent/runtime/core';
import type { SpareMessage } from '../../journal/format.ts';
import { jsonLine } from '../../journal/json-lines.ts';

export interface HostPoolOptions {
  /** Runs the `main` of a file: `runtime[0]` with the rest and the file's path as its arguments. */
  readonly runtime: readonly string[];
  readonly hostEntry: string;
  readonly home: string;
  /** Without the agent's own secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a host's standard error goes: what it says when it cannot even start. */
  readonly errorLog: string;
}

/**
 * Job hosts, one of them started ahead of its job. Each has a session of its own, so that it outlives this process; a spare one
 * ends when its standard input does, which is when this process ends.
 */
export class HostPool implements Disposable {
  readonly #options: HostPoolOptions;
  #spare: ChildProcess | undefined;

  constructor(options: HostPoolOptions) {
    this.#options = options;
  }

  /** Has a spare host ready, or on its way. */
  warm(): void {
    if (this.#spare === undefined || !isRunning(this.#spare)) this.#spare = this.#start();
  }

  /**
   * Gives a job to a host. It announces itself in the job's journal.
   * @returns undefined if it ended at once, or could not be started
   */
  assign(journal: string): ProcessIdentity | undefined {
    this.warm();
    const host = this.#spare;
    this.#spare = undefined;
    if (host?.pid === undefined) return undefined;
    const message: SpareMessage = { journal };
    host.stdin?.end(jsonLine(message));
    return processIdentity(host.pid) ?? undefined;
  }

  [Symbol.dispose](): void {
    this.#spare?.stdin?.destroy();
  }

  #start(): ChildProcess {
    const { runtime, hostEntry, home, environment, errorLog } = this.#options;
    const [command = process.execPath, ...args] = runtime;
    const errors = openSync(errorLog, 'a', 0o600);
    const start = () =>
      spawn(command, [...args, hostEntry], {
        cwd: home,
        env: environment,
        detached: true,
        stdio: ['pipe', 'ignore', errors],
      });
    // It passes on to the job what it gets here, and then sees to itself.
    const host = withFullCoreDump(start);
    closeSync(errors);
    // A host that cannot be started, or ends before it is given its job, is noticed by its missing process.
    host.on('error', () => undefined);
    host.stdin?.on('error', () => undefined);
    host.unref();
    return host;
  }
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
