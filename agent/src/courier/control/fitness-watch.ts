import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError, type Service } from '@go-agent/runtime/core';
import { tryJobsFolder } from '../../journal/job-folder.ts';
import { type DiskSpace, judgeDisk } from '../../space/judge-disk.ts';
import type { AskingGate } from './asking-gate.ts';
import type { ClockWatch } from './clock-watch.ts';

export interface FitnessWatchOptions {
  readonly home: string;
  readonly gate: AskingGate;
  readonly clockWatch: ClockWatch;
  /** @throws what the file system reports */
  readonly diskSpace: (home: string) => Promise<DiskSpace>;
  readonly diskLimitBytes: () => number;
  /** After each look: what may be used there, 0 where nothing can be. */
  readonly onFreeBytes: (freeBytes: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Within 5 s of a fault no work may be asked for any more. */
const LOOK_EVERY_MS = 4000;

/** What a job writes to. */
const FOLDERS = ['.', 'jobs', 'pipelines'];

/** Looks after what each job needs of the machine, and closes the gate when it is not there: an agent that fails each job takes all of them. */
export class FitnessWatch implements Service {
  readonly name = 'fitness';
  readonly #options: FitnessWatchOptions;
  #space: DiskSpace | undefined;
  #lackingBytes = 0;
  /** A journal could not be written, and no trial has succeeded since. */
  #journalFailed = false;

  constructor(options: FitnessWatchOptions) {
    this.#options = options;
  }

  /** As it was at the last look. */
  get space(): DiskSpace | undefined {
    return this.#space;
  }

  /** What the disk lacks for the next job. */
  get lackingBytes(): number {
    return this.#lackingBytes;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (await this.#options.clock.sleep(LOOK_EVERY_MS, signal)) await this.look();
  }

  /**
   * A job had to be sent away, since it could not be written down: none is asked for until that is possible. A quota, for one, is
   * seen by nothing else.
   */
  noteJournalFailure(error: unknown): void {
    this.#journalFailed = true;
    this.#judge('journal', this.#journalReason(error));
  }

  /** Never rejects. */
  async look(): Promise<void> {
    const { clockWatch } = this.#options;
    if (this.#journalFailed) await this.#tryJournal();
    this.#judge('clock', clockWatch.look());
    const home = await this.#lookAtHome();
    const disk = await this.#lookAtDisk();
    this.#judge('home', home);
    // The room on a file system that cannot be written says nothing.
    if (home === undefined) this.#judge('disk', disk);
  }

  async #tryJournal(): Promise<void> {
    try {
      await tryJobsFolder(this.#options.home);
      this.#journalFailed = false;
      this.#judge('journal', undefined);
    } catch (error) {
      this.#judge('journal', this.#journalReason(error));
    }
  }

  #journalReason(error: unknown): string {
    return `the journal of a job cannot be written to ${this.#options.home}/jobs: ${describeError(error)}`;
  }

  /** In another thread: a file system that hangs, as one on a network may, must not keep the agent from its pings. */
  async #lookAtHome(): Promise<string | undefined> {
    for (const name of FOLDERS) {
      const folder = join(this.#options.home, name);
      try {
        await access(folder, constants.W_OK);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // It is made when it is needed, if that is possible at all.
        if (code === 'ENOENT' && name !== '.') continue;
        return code === 'EROFS'
          ? `${folder} is on a file system that is read-only now. See dmesg; mount it writable again`
          : `${folder} cannot be written (${code ?? String(error)})`;
      }
    }
    return undefined;
  }

  async #lookAtDisk(): Promise<string | undefined> {
    const { home, diskSpace, diskLimitBytes, onFreeBytes } = this.#options;
    try {
      this.#space = await diskSpace(home);
      onFreeBytes(this.#space.freeBytes);
    } catch (error) {
      onFreeBytes(0);
      return `${home}/pipelines cannot be used: ${describeError(error)}`;
    }
    const shortage = judgeDisk(this.#space, diskLimitBytes());
    this.#lackingBytes = shortage?.lackingBytes ?? 0;
    if (shortage === undefined) return undefined;
    return `${shortage.reason} under ${home}/pipelines. Free some space, or lower the setting disk-limit`;
  }

  #judge(name: string, reason: string | undefined): void {
    const { gate, log } = this.#options;
    if (reason === undefined) {
      if (gate.open(name)) log.info({ fault: name }, FIXED[name]);
    } else if (gate.close(name, reason)) {
      log.error({ fault: name }, `No work is asked for: ${reason}`);
    }
  }
}

const FIXED: Readonly<Record<string, string>> = {
  clock: 'The clock can be relied upon again; work is asked for',
  home: 'The home folder can be written again; work is asked for',
  journal: 'Journals can be written again; work is asked for',
  disk: 'There is enough space again; work is asked for',
};
