// One run of a plugin's process, and the connection to it.

import { type ChildProcess, spawn } from 'node:child_process';
import { isAbsolute, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Logger } from '@go-agent/runtime';
import { AppError, type Clock, describeError } from '@go-agent/runtime/core';
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ParameterStructures,
  ResponseError,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { BoundedMessageReader } from './bounded-message-reader.ts';
import type { InstalledPlugin } from './discover-plugins.ts';
import { writePluginLog } from './plugin-log.ts';
import { RequestGate } from './request-gate.ts';

const EXIT_MS = 5000;
const LAST_WORDS_MS = 1000;
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot', 'USERPROFILE'] as const;
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'] as const;
/** Of errors that are no answers of the plugin. */
const OWN_CODES: readonly number[] = [
  ErrorCodes.MessageWriteError,
  ErrorCodes.PendingResponseRejected,
  ErrorCodes.ConnectionInactive,
];

export interface PluginProcessOptions {
  readonly plugin: InstalledPlugin;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The server's own. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What the plugin asks. What it throws is told to the plugin. */
  serve(method: string, params: unknown): Promise<unknown>;
}

export class PluginProcess {
  /** Settles with the reason when the process has ended, or is not to be spoken to any more. */
  readonly ended: Promise<string>;
  readonly pid: number | undefined;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  /** The first reason counts. */
  readonly #end: (why: string) => void;
  readonly #pending = new Set<(error: AppError) => void>();

  /** A program that cannot be started has ended at once. @throws what the system says to a server that has too little memory, say */
  constructor({ plugin, clock, logger, environment, serve }: PluginProcessOptions) {
    this.#clock = clock;
    const { manifest, folder } = plugin;
    const fill = (text: string) =>
      text.replaceAll('${node}', process.execPath).replaceAll('${plugin}', folder);
    const [program = '', ...args] = manifest.command.map(fill);
    const inside = program.startsWith('./') && !isAbsolute(program);
    this.#child = spawn(inside ? join(folder, program) : program, args, {
      cwd: folder,
      env: {
        ...pick(environment, [...PASSED_ON, ...PROXIES, ...manifest.passEnvironment]),
        ...Object.fromEntries(Object.entries(manifest.environment).map(([key, value]) => [key, fill(value)])),
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A group of its own, so that whatever it started for itself ends with it.
      detached: true,
    });
    this.pid = this.#child.pid;
    // A server that has no file descriptor left gets no pipes either.
    const stdin = this.#child.stdin ?? new PassThrough();
    const stdout = this.#child.stdout ?? new PassThrough();
    const stderr = this.#child.stderr ?? new PassThrough();
    const ended = Promise.withResolvers<string>();
    this.ended = ended.promise;
    this.#end = ended.resolve;
    void this.ended.then((why) => this.#isOver(why));
    this.#child.once('error', (error) => this.#end(`it cannot be started: ${error.message}`));
    this.#child.once('exit', (code, signal) =>
      this.#end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
    );
    const say = logger.child({ plugin: manifest.id });
    const { signal } = this.#over;
    void writePluginLog({ stream: stderr, clock, signal, write: (line) => say.info(line) });
    stdin.on('error', () => undefined);
    const gate = new RequestGate(clock, signal);
    const reader = new BoundedMessageReader(stdout, () => gate.admit());
    this.#connection = createMessageConnection(reader, new StreamMessageWriter(stdin));
    this.#connection.onRequest((method, params) => gate.serve(() => serve(method, params)));
    this.#connection.onError(([error]) => this.kill(error.message));
    // Mostly because it has ended, which says more.
    this.#connection.onClose(async () => {
      await clock.sleep(LAST_WORDS_MS, this.#over.signal);
      this.#end('it closed its standard output');
    });
    this.#connection.listen();
  }

  /**
   * At the deadline the plugin is told that nobody waits for its answer any more (`$/cancelRequest`).
   * @param late the answer has come after all
   * @throws AppError `plugin-unavailable` if it was not sent, `plugin-timeout`, `plugin-ended`; what the plugin answers as an error is thrown as
   *   `plugin-error`
   */
  async call(method: string, params: object, deadlineMs: number, late: () => void): Promise<unknown> {
    const cancel = new CancellationTokenSource();
    const timer = new AbortController();
    const failure = Promise.withResolvers<never>();
    try {
      if (this.#over.signal.aborted)
        throw new AppError('plugin-unavailable', await this.ended, { retryable: true });
      this.#pending.add(failure.reject);
      void this.#clock.sleep(deadlineMs, timer.signal).then((over) => {
        if (!over) return;
        failure.reject(timeoutError(method, deadlineMs));
        cancel.cancel();
        // That it gives up, as it was told to, is none.
        answer.then(late, () => undefined);
      });
      const answer = this.#connection.sendRequest(method, ParameterStructures.byName, params, cancel.token);
      // What loses the race must not become an unhandled rejection.
      answer.catch(() => undefined);
      failure.promise.catch(() => undefined);
      return await Promise.race([answer, failure.promise]);
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (this.#over.signal.aborted) throw endedError(await this.ended);
      if (error instanceof ResponseError && !OWN_CODES.includes(error.code))
        throw new AppError('plugin-error', error.message, { cause: error });
      throw endedError(describeError(error));
    } finally {
      this.#pending.delete(failure.reject);
      timer.abort();
      cancel.dispose();
    }
  }

  /** Lets it end by itself, for a while: the end of its input says so. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    const wait = new AbortController();
    await Promise.race([this.ended, this.#clock.sleep(EXIT_MS, wait.signal)]);
    wait.abort();
    this.kill('it had not ended by itself');
    this.#connection.dispose();
  }

  /** @param why what is wrong with it: what follows, such as a pipe that breaks, says less */
  kill(why: string): void {
    this.#end(why);
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }

  #isOver(why: string): void {
    this.#over.abort();
    for (const reject of this.#pending) reject(endedError(why));
    this.#pending.clear();
  }
}

function timeoutError(method: string, ms: number): AppError {
  return new AppError('plugin-timeout', `no answer to ${method} within ${ms / 1000} s`, { retryable: true });
}

function endedError(why: string): AppError {
  return new AppError('plugin-ended', why, { retryable: true });
}

function pick(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = environment[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
