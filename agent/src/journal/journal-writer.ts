import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, type Clock, syncFolder } from '@go-agent/runtime/core';
import { type HostMessage, JOURNAL, type JobStarted, type JournalEntry } from './format.ts';

export interface JournalWriterOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Called after each write, with what {@link HostMessage} tells the courier. Must not throw. */
  onProgress?(progress: HostMessage): void;
}

/**
 * Appends to console.log and events.jsonl. One writer at a time: the job host, or the courier once the host is dead. Calls may
 * overlap; they take effect in the order in which they were made.
 */
export class JournalWriter implements AsyncDisposable {
  readonly #options: JournalWriterOptions;
  readonly #eventsFile: FileHandle;
  readonly #consoleFile: FileHandle;
  #events: number;
  #console: number;
  /** Bytes of the console known to be on disk. */
  #synced = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    options: JournalWriterOptions,
    files: { events: FileHandle; console: FileHandle },
    counts: { events: number; console: number },
  ) {
    this.#options = options;
    this.#eventsFile = files.events;
    this.#consoleFile = files.console;
    this.#events = counts.events;
    this.#console = counts.console;
  }

  /**
   * Claims the job for this host: creates events.jsonl with its first event in it, in one step. On disk a moment later: the job
   * does not wait for that.
   * @throws AppError journal-claimed if another host has done so before; this one has to leave the job alone
   */
  static async begin(options: JournalWriterOptions, started: JobStarted): Promise<JournalWriter> {
    const path = join(options.folder, JOURNAL.events);
    const temporary = `${path}.${started.host.pid}`;
    const event = { at: options.clock.now(), console: 0, ...started };
    writeFileSync(temporary, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch (cause) {
      throw new AppError('journal-claimed', `Could not claim ${options.folder}; another host runs its job`, {
        cause,
      });
    } finally {
      rmSync(temporary, { force: true });
    }
    await using stack = new AsyncDisposableStack();
    const events = stack.use(await open(path, 'a', 0o600));
    const console = stack.use(await open(join(options.folder, JOURNAL.console), 'a', 0o600));
    stack.move();
    const writer = new JournalWriter(options, { events, console }, { events: 1, console: 0 });
    void writer.#syncBeginning();
    return writer;
  }

  /** Goes on with a journal; a torn last line of events.jsonl is cut off. For the courier, once the host is dead. */
  static async open(options: JournalWriterOptions): Promise<JournalWriter> {
    await using stack = new AsyncDisposableStack();
    const eventsPath = join(options.folder, JOURNAL.events);
    const events = stack.use(await open(eventsPath, 'a', 0o600));
    const console = stack.use(await open(join(options.folder, JOURNAL.console), 'a', 0o600));
    const content = await readFile(eventsPath);
    const whole = content.lastIndexOf('\n') + 1;
    if (whole < content.length) await events.truncate(whole);
    const count = content.subarray(0, whole).toString().split('\n').length - 1;
    await syncFolder(options.folder);
    const { size } = await console.stat();
    stack.move();
    return new JournalWriter(options, { events, console }, { events: count, console: size });
  }

  /** Bytes of console.log and lines of events.jsonl written so far. */
  get progress(): HostMessage {
    return { type: 'progress', console: this.#console, events: this.#events };
  }

  /** Appends bytes exactly as they shall be delivered, all or none. Not fsynced: the next event does that. */
  appendConsole(bytes: Uint8Array): Promise<void> {
    return this.#inOrder(async () => {
      await appendWhole(this.#consoleFile, this.#console, bytes);
      this.#console += bytes.byteLength;
    });
  }

  /** Appends one event; it and all the console before it are on disk when this resolves. */
  appendEvent(event: JournalEntry): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#synced < this.#console) await this.#consoleFile.datasync();
      this.#synced = this.#console;
      const whole = { at: this.#options.clock.now(), console: this.#console, ...event };
      const { size } = await this.#eventsFile.stat();
      await appendWhole(this.#eventsFile, size, `${JSON.stringify(whole)}\n`, { sync: true });
      this.#events += 1;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.catch(() => undefined);
    await this.#consoleFile.close();
    await this.#eventsFile.close();
  }

  /** The folders, too: files that no folder names are gone after a power cut. The next event is written after this. */
  #syncBeginning(): Promise<void> {
    const { folder } = this.#options;
    return this.#inOrder(async () => {
      await this.#eventsFile.datasync();
      for (const each of [folder, dirname(folder), dirname(dirname(folder))]) await syncFolder(each);
    }).catch(() => undefined);
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    // A failed write is its caller's to handle; the next one is tried all the same.
    this.#queue = done.catch(() => undefined);
    return done.then(() => this.#options.onProgress?.(this.progress));
  }
}

/** All or nothing: what a full disk took of it is cut off again, so that the caller may try once more. */
async function appendWhole(
  file: FileHandle,
  length: number,
  data: string | Uint8Array,
  { sync = false } = {},
): Promise<void> {
  try {
    await file.appendFile(data);
    if (sync) await file.datasync();
  } catch (error) {
    await file.truncate(length);
    throw error;
  }
}
