import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '@go-agent/runtime';
import type { JobFiles } from '../core.ts';
import type { JobLocatorView, JobView } from '../domain/views.ts';
import { isMissing } from '../http/missing-file.ts';
import { openToSend } from '../http/open-to-send.ts';
import { releaseMemory } from '../http/release-memory.ts';
import { ConsoleLog } from './console-log.ts';
import { ConsoleNotes } from './console-notes.ts';
import { ConsoleWatchers } from './console-watchers.ts';
import type { JobFolders } from './job-folders.ts';

/** More jobs than this at once only cost an open and a close now and then. */
const MAX_OPEN = 512;

export type AppendOutcome =
  /** All of the body is in the log. `size` bytes are there. */
  | { readonly type: 'appended'; readonly size: number }
  /** The body begins after the log's end. */
  | { readonly type: 'gap'; readonly size: number };

/** The console logs of all jobs: written at the end only, read from anywhere. One open file for each job that writes. */
export class ConsoleStore implements JobFiles, AsyncDisposable {
  readonly watchers = new ConsoleWatchers();
  readonly #folders: JobFolders;
  readonly #open = new Map<number, Promise<ConsoleLog>>();
  /** Opened again only after what was queued for the old file is written: its size must be the true one. */
  readonly #closing = new Map<number, Promise<void>>();

  constructor(folders: JobFolders) {
    this.#folders = folders;
  }

  /**
   * Adds a body to a job's console as it arrives. What came before the body was cut stays: the client's next request says
   * where it goes on, or is told.
   * @param body its large chunks are not to be used again
   * @param offset of the body's first byte; absent: the end of the log, whatever it is
   * @throws what `body` throws when it is cut, what the file system reports
   */
  async append(
    job: JobLocatorView,
    body: AsyncIterable<Uint8Array>,
    offset?: number,
  ): Promise<AppendOutcome> {
    let position = offset;
    for await (const chunk of body) {
      const log = await this.#write(job, chunk, position);
      if (log.outcome === 'gap') return { type: 'gap', size: log.size };
      if (position !== undefined) position += chunk.length;
      releaseMemory(chunk);
      this.watchers.grown(job.jobId);
    }
    const { size } = await this.#log(job);
    return position !== undefined && position > size ? { type: 'gap', size } : { type: 'appended', size };
  }

  /** The log's bytes so far; undefined if the job has none. The caller closes the file. */
  async read(job: JobLocatorView): Promise<{ readonly file: FileHandle; readonly size: number } | undefined> {
    // In this order: a log that is moved in between is found at its new place.
    for (const path of [this.#folders.runningConsole(job), this.#folders.console(job)]) {
      try {
        const { file, stats } = await openToSend(path);
        return { file, size: stats.size };
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    }
    return undefined;
  }

  async seal(job: JobView): Promise<void> {
    if (job.superseded) return;
    const log = await this.#log(job);
    await log.sync();
    const target = this.#folders.console(job);
    await mkdir(dirname(target), { recursive: true });
    try {
      await rename(this.#folders.runningConsole(job), target);
    } catch (error) {
      // Sealed before: the open file is the one at the permanent place already.
      if (!isMissing(error)) throw error;
    }
    await syncFolder(dirname(target));
    await this.#close(job.jobId);
    this.watchers.grown(job.jobId);
  }

  async note(job: JobView, line: string): Promise<void> {
    if (job.superseded) return;
    while ((await (await this.#log(job)).note(Buffer.from(`${line}\n`), this.#notes(job))) === 'closed');
    this.watchers.grown(job.jobId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open.keys()].map((jobId) => this.#close(jobId)));
  }

  async #write(job: JobLocatorView, chunk: Uint8Array, position: number | undefined) {
    for (;;) {
      const log = await this.#log(job);
      const outcome = await log.write(chunk, position);
      // Closed in between, to make room or because the job was sealed: opened again where it is now.
      if (outcome !== 'closed') return { outcome, size: log.size };
    }
  }

  #log(job: JobLocatorView): Promise<ConsoleLog> {
    const known = this.#open.get(job.jobId);
    if (known !== undefined) return known;
    const opened = (this.#closing.get(job.jobId) ?? Promise.resolve()).then(() => this.#openLog(job));
    this.#open.set(job.jobId, opened);
    opened.catch(() => this.#open.delete(job.jobId));
    const [oldest] = this.#open.keys();
    if (this.#open.size > MAX_OPEN && oldest !== undefined) void this.#close(oldest);
    return opened;
  }

  async #openLog(job: JobLocatorView): Promise<ConsoleLog> {
    const file =
      (await openSealed(this.#folders.console(job))) ?? (await openNew(this.#folders.runningConsole(job)));
    try {
      const { size } = await file.stat();
      return new ConsoleLog(file, size, await this.#notes(job).settle(size));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #notes(job: JobLocatorView): ConsoleNotes {
    return new ConsoleNotes(`${this.#folders.runningConsole(job)}.notes`);
  }

  async #close(jobId: number): Promise<void> {
    const log = this.#open.get(jobId);
    this.#open.delete(jobId);
    const closed = (async () => {
      await (await log?.catch(() => undefined))?.close();
    })();
    this.#closing.set(jobId, closed);
    await closed.finally(() => {
      if (this.#closing.get(jobId) === closed) this.#closing.delete(jobId);
    });
  }
}

/** A log that was sealed goes on where it was moved to: an agent's last lines may come after its last report. */
async function openSealed(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_WRONLY | constants.O_APPEND);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function openNew(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true });
  return open(path, 'a', 0o640);
}
