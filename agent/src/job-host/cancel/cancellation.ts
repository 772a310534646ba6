import type { Builder } from '@go-agent/protocol';
import { beginEnding, type EndingOptions } from './begin-ending.ts';
import { RunningTask } from './running-task.ts';

export interface CancellationOptions extends EndingOptions {
  /** Aborted by whoever cancels the job. */
  readonly signal: AbortSignal;
}

/** Ends the job's processes when the job is cancelled, in whatever phase. */
export class Cancellation {
  readonly #options: CancellationOptions;
  #current: RunningTask | null = null;
  #onCancel: Promise<void> = Promise.resolve();
  #ended: Promise<void> = Promise.resolve();

  constructor(options: CancellationOptions) {
    this.#options = options;
    const { signal } = options;
    const begin = () => {
      const { onCancel, ended } = beginEnding(this.#current, options);
      this.#onCancel = onCancel;
      this.#ended = ended;
    };
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
  }

  /** What a task that is to end before its job is ended with. */
  get ending(): EndingOptions {
    return this.#options;
  }

  /** Runs a task; if it is cancelled, its on-cancel task ends before this resolves. */
  async during<T>(builder: Builder, task: (running: RunningTask) => Promise<T>): Promise<T> {
    const running = new RunningTask(builder);
    this.#current = running;
    try {
      return await task(running);
    } finally {
      await this.#onCancel;
      this.#current = null;
    }
  }

  /** Resolves at once if the job was not cancelled, else when its processes have been ended. */
  ended(): Promise<void> {
    return this.#ended;
  }
}
