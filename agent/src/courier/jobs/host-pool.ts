import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { type Clock, type ProcessIdentity, processIdentity, withFullCoreDump } from '@go-agent/runtime/core';
import type { SpareMessage } from '../../journal/format.ts';
import { jsonLine } from '../../journal/json-lines.ts';
import { openErrorLog } from './open-error-log.ts';

export interface HostPoolOptions {
  /** Runs the `main` of a file: `runtime[0]` with the rest and the file's path as its arguments. */
  readonly runtime: readonly string[];
  readonly hostEntry: string;
  readonly home: string;
  /** Without the agent's own secrets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where a host's standard error goes: what it says when it cannot even start. */
  readonly errorLog: string;
  /** How long a spare waits for a job. 0: for as long as it takes. */
  readonly settings: { readonly spareHostIdleMs: number };
  readonly clock: Clock;
}

/** It has no job: a rehearsal is cut short by the end of its input. */
const END_SPARE_MS = 2000;

/**
 * Job hosts, one of them started ahead of its job. Each has a session of its own, so that it outlives this process; a spare one
 * ends when its standard input does, which is when this process ends.
 */
export class HostPool implements AsyncDisposable {
  readonly #options: HostPoolOptions;
  #spare: ChildProcess | undefined;
  /** When there last was a job, or this process began. */
  #neededAt: number;

  constructor(options: HostPoolOptions) {
    this.#options = options;
    this.#neededAt = options.clock.monotonic();
  }

  /** A job is under way, and the next may come at its end: has a spare host ready, or on its way. */
  warm(): void {
    this.#neededAt = this.#options.clock.monotonic();
    this.#ensureSpare();
  }

  /** While there is no job, now and again: keeps a spare host ready, and none any more if there was no job for long. */
  tend(): void {
    const { settings, clock } = this.#options;
    const { spareHostIdleMs } = settings;
    if (spareHostIdleMs > 0 && clock.monotonic() - this.#neededAt >= spareHostIdleMs) this.#endSpare();
    else this.#ensureSpare();
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

  /** Resolves when the spare host is gone: whoever removes the home then does not find it writing there. */
  async [Symbol.asyncDispose](): Promise<void> {
    const spare = this.#endSpare();
    if (spare === undefined || !isRunning(spare)) return;
    const waiting = new AbortController();
    spare.ref();
    const gone = once(spare, 'exit').finally(() => waiting.abort());
    const isLate = await this.#options.clock.sleep(END_SPARE_MS, waiting.signal);
    if (isLate) spare.kill('SIGKILL');
    await gone;
  }

  #ensureSpare(): void {
    if (this.#spare === undefined || !isRunning(this.#spare)) this.#spare = this.#start();
  }

  #endSpare(): ChildProcess | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    spare?.stdin?.destroy();
    return spare;
  }

  #start(): ChildProcess | undefined {
    const { runtime, hostEntry, home, environment, errorLog } = this.#options;
    const [command = process.execPath, ...args] = runtime;
    const errors = openErrorLog(errorLog);
    const start = () =>
      spawn(command, [...args, hostEntry], {
        cwd: home,
        env: environment,
        detached: true,
        stdio: ['pipe', 'ignore', errors],
      });
    let host: ChildProcess;
    try {
      // It passes on to the job what it gets here, and then sees to itself.
      host = withFullCoreDump(start);
    } catch {
      // Some failures are thrown, such as a lack of memory.
      return undefined;
    } finally {
      if (errors !== 'ignore') closeSync(errors);
    }
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
