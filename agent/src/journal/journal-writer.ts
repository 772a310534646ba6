import { linkSync, rmSync, writeFileSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, type Clock, syncFolder } from '@go-agent/runtime/core';
import { AppendFile } from './append-file.ts';
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
  readonly #eventsFile: AppendFile;
  readonly #consoleFile: AppendFile;
  #events: number;
  #console: number;
  /** Bytes of the console known to be on disk. */
  #synced = 0;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    options: JournalWriterOptions,
    files: { events: AppendFile; console: AppendFile },
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
  static begin(options: JournalWriterOptions, started: JobStarted): JournalWriter {
    const path = join(options.folder, JOURNAL.events);
    const temporary = `${path}.${started.host.pid}`;
    const event = { at: options.clock.now(), console: 0, ...started };
    writeFileSync(temporary, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      throw new AppError('journal-claimed', `Could not claim ${options.folder}; another host runs its job`, {
        cause,
      });
    } finally {
      rmSync(temporary, { force: true });
    }
    const writer = new JournalWriter(options, openFiles(options.folder), { events: 1, console: 0 });
    void writer.#syncBeginning();
    return writer;
  }

  /**
   * Takes a job that has not begun away from its host, for good: that one gets journal-claimed, however late it comes.
   * @returns false if the job has begun
   * @throws what the system reports
   */
  static async forestall(folder: string): Promise<boolean> {
    const path = join(folder, JOURNAL.events);
    try {
      // `begin` makes this file too, and only one of the two can.
      await writeFile(path, '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      // A host makes it with its first event in it: without one, it was made here, by a process that did not get further.
      return (await stat(path)).size === 0;
    }
  }

  /** Goes on with a journal; a torn last line of events.jsonl is cut off. For the courier, once the host is dead. */
  static async open(options: JournalWriterOptions): Promise<JournalWriter> {
    const { folder } = options;
    using stack = new DisposableStack();
    const files = openFiles(folder);
    const events = stack.use(files.events);
    const console = stack.use(files.console);
    const content = await readFile(join(folder, JOURNAL.events));
    const whole = content.lastIndexOf('\n') + 1;
    if (whole < content.length) await events.truncate(whole);
    const count = content.subarray(0, whole).toString().split('\n').length - 1;
    await syncFolder(folder);
    stack.move();
    return new JournalWriter(options, files, { events: count, console: console.size });
  }

  /** Bytes of console.log and lines of events.jsonl written so far. */
  get progress(): HostMessage {
    return { type: 'progress', console: this.#console, events: this.#events };
  }

  /** Appends bytes exactly as they shall be delivered, all or none. Not fsynced: the next event does that. */
  appendConsole(bytes: Uint8Array): Promise<void> {
    return this.#inOrder(async () => {
      await this.#consoleFile.append(bytes, { size: this.#console });
      this.#console += bytes.byteLength;
    });
  }

  /** Appends one event; it and all the console before it are on disk when this resolves. */
  appendEvent(event: JournalEntry): Promise<void> {
    return this.#inOrder(async () => {
      if (this.#synced < this.#console) await this.#consoleFile.sync();
      this.#synced = this.#console;
      const whole = { at: this.#options.clock.now(), console: this.#console, ...event };
      const { size } = this.#eventsFile;
      await this.#eventsFile.append(`${JSON.stringify(whole)}\n`, { size, sync: true });
      this.#events += 1;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.catch(() => undefined);
    this.#consoleFile[Symbol.dispose]();
    this.#eventsFile[Symbol.dispose]();
  }

  /** The folders, too: files that no folder names are gone after a power cut. The next event is written after this. */
  #syncBeginning(): Promise<void> {
    const { folder } = this.#options;
    return this.#inOrder(async () => {
      await this.#eventsFile.sync();
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

function openFiles(folder: string): { readonly events: AppendFile; readonly console: AppendFile } {
  using stack = new DisposableStack();
  const events = stack.use(new AppendFile(join(folder, JOURNAL.events)));
  const console = new AppendFile(join(folder, JOURNAL.console));
  stack.move();
  return { events, console };
}
