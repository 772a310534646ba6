import type { Builder } from '@go-agent/protocol';

/** The task that runs now, as whoever has to end it sees it. */
export class RunningTask {
  readonly builder: Builder;
  #gone: Promise<unknown> | undefined;
  #onCancelBegun = false;

  constructor(builder: Builder) {
    this.builder = builder;
  }

  /** Settles when the task's process has ended itself; undefined if it does not do so. */
  get gone(): Promise<unknown> | undefined {
    return this.#gone;
  }

  /** For a task that asks its process to end itself, in its own words: the first signal waits for that a moment. */
  readonly endsItself = (gone: Promise<unknown>): void => {
    this.#gone = gone;
  };

  /** True the first time: a task may run into its time-out and be cancelled too, but its on-cancel task runs once. */
  beginOnCancel(): boolean {
    const first = !this.#onCancelBegun;
    this.#onCancelBegun = true;
    return first;
  }
}
