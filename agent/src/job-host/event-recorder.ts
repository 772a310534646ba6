import type { Clock } from '@go-agent/runtime/core';
import type { JournalEntry } from '../journal/format.ts';
import type { JournalWriter } from '../journal/journal-writer.ts';
import type { ConsoleSink } from './console/console-sink.ts';

const RETRY_MS = 1000;
const NEVER = new AbortController().signal;

export interface EventRecorderOptions {
  readonly journal: Pick<JournalWriter, 'appendEvent'>;
  readonly sink: ConsoleSink;
  readonly clock: Clock;
  onStall(error: unknown): void;
}

/** Writes the events of the job, each after the console that belongs before it, without holding up the job. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  #last: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  /** Resolves when the event, and all before it, are on disk. Never rejects: a full disk is waited for. */
  record(event: JournalEntry): Promise<void> {
    const shown = this.#options.sink.flush();
    this.#last = this.#last.then(async () => {
      await shown;
      while (!(await this.#tryAppend(event))) await this.#options.clock.sleep(RETRY_MS, NEVER);
    });
    return this.#last;
  }

  async #tryAppend(event: JournalEntry): Promise<boolean> {
    try {
      await this.#options.journal.appendEvent(event);
      return true;
    } catch (error) {
      this.#options.onStall(error);
      return false;
    }
  }
}
