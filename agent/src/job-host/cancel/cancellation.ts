import { type Builder, ConsoleTag, consoleText } from '@go-agent/protocol';
import { type Clock, describeError, type ProcessContainer } from '@go-agent/runtime/core';
import type { JobConsole } from '../console/job-console.ts';
import { endAfterGrace } from './end-after-grace.ts';

/** An on-cancel task that takes longer is ended with the rest. */
const ON_CANCEL_LIMIT_MS = 60_000;

export interface CancellationOptions {
  /** Aborted by whoever cancels the job. */
  readonly signal: AbortSignal;
  readonly container: ProcessContainer;
  readonly console: JobConsole;
  readonly clock: Clock;
  readonly graceMs: number;
  /** Runs an on-cancel task until its end or until `limit` is aborted. Resolves to whether it passed. */
  readonly runOnCancel: (builder: Builder, limit: AbortSignal) => Promise<boolean>;
}

/**
 * What happens when the job is cancelled, in whatever phase: the first signal to all of its processes at once, the on-cancel task
 * of the task that runs, the grace, SIGKILL for what is left (agent-protocol 4.12, agent-behaviour 12.2).
 */
export class Cancellation {
  readonly #options: CancellationOptions;
  #current: Builder | null = null;
  #onCancel: Promise<void> = Promise.resolve();
  #ending: Promise<void> = Promise.resolve();

  constructor(options: CancellationOptions) {
    this.#options = options;
    const { signal } = options;
    const begin = () => {
      this.#ending = this.#end();
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
  }

  /** Runs a task; if it is cancelled, its on-cancel task ends before this resolves. */
  async during<T>(builder: Builder, task: () => Promise<T>): Promise<T> {
    this.#current = builder;
    try {
      return await task();
    } finally {
      await this.#onCancel;
      this.#current = null;
    }
  }

  /** Resolves at once if the job was not cancelled, else when its processes have been ended. */
  ended(): Promise<void> {
    return this.#ending;
  }

  async #end(): Promise<void> {
    const { container, clock, graceMs, console } = this.#options;
    const killAt = clock.monotonic() + graceMs;
    this.#onCancel = this.#runOnCancel();
    await this.#onCancel;
    const killed = await endAfterGrace(container, clock, killAt);
    if (killed > 0) console.line(ConsoleTag.notice, '[go] Attempting to force kill child processes.');
  }

  async #runOnCancel(): Promise<void> {
    const { container, console } = this.#options;
    const task = this.#current?.cancelBuilder;
    await container.signalAll('SIGTERM');
    if (!this.#current || this.#current.type === 'NullBuilder') return;
    const description = task?.description ?? 'Kills child processes';
    console.line(ConsoleTag.cancelTaskStart, consoleText.cancelTaskStart(description));
    const passed = await this.#runLimited(task);
    if (passed) console.line(ConsoleTag.cancelTaskPassed, consoleText.cancelTaskCompleted());
    else console.line(ConsoleTag.cancelTaskFailed, consoleText.cancelTaskFailed());
  }

  async #runLimited(task: Builder | undefined): Promise<boolean> {
    const { clock, console, container, runOnCancel } = this.#options;
    if (!task || task.type === 'BuilderForKillAllChildTask') {
      // The signal is on its way already.
      console.line(ConsoleTag.notice, '[go] Attempting to kill child processes.');
      return true;
    }
    const limit = new AbortController();
    const done = new AbortController();
    const timer = clock.sleep(ON_CANCEL_LIMIT_MS, done.signal).then(async (expired) => {
      if (!expired) return;
      limit.abort();
      console.line(
        ConsoleTag.taskError,
        `[go] On Cancel Task took longer than ${ON_CANCEL_LIMIT_MS / 1000} s and is ended`,
      );
      await container.killAll();
    });
    try {
      return await runOnCancel(task, limit.signal);
    } catch (error) {
      console.line(ConsoleTag.taskError, `[go] ${describeError(error)}`);
      return false;
    } finally {
      done.abort();
      await timer;
    }
  }
}
