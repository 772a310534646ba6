import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { BuildWork } from '@go-agent/protocol';
import { AppError, describeError } from '@go-agent/runtime/core';
import { type Assignment, JOURNAL } from '../../journal/format.ts';
import {
  createJobFolder,
  listJobFolders,
  readAssignment,
  removeJobFolder,
} from '../../journal/job-folder.ts';
import type { JobUser } from '../../journal/job-user.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { type JobDependencies, type JobEnd, JobRun } from './run-job.ts';
import { salvageJournal } from './salvage-journal.ts';

export interface JobDeskOptions extends JobDependencies {
  readonly home: string;
  readonly serverUrl: string;
  /** Names in this process's environment that no job may see. */
  readonly hiddenEnvironment: readonly string[];
  /** Where task plugins are looked for. */
  readonly pluginFolders: readonly string[];
  /** Aborted: the running job has to end with this process. */
  readonly stop: AbortSignal;
  /** Called after each job with the absolute path of its working folder. Never rejects. */
  /** As whom jobs run. Absent: as the agent itself. */
  readonly jobUser: JobUser | undefined;
  readonly noteUse: (workingDir: string) => Promise<void>;
}

/** Between two tries to see to a job that something of this machine prevents. */
const AGAIN_MS = 1000;

/** Where jobs come in: new ones from the server, and those that an earlier process left behind. One at a time. */
export class JobDesk {
  readonly #options: JobDeskOptions;
  #current: JobRun | undefined;
  /** The job that was last to end without a grace. */
  #forced: JobRun | undefined;

  constructor(options: JobDeskOptions) {
    this.#options = options;
  }

  /** The server's word to the job with this build id, if it is still the one that runs. Each kind of it is passed on once. */
  cancel(buildId: number, force = false): void {
    const current = this.#current;
    const { self } = this.#options;
    if (current?.assignment.buildId !== buildId || self.state.kind === 'idle') return;
    if (force ? this.#forced === current : self.state.kind === 'cancelled') return;
    if (force) this.#forced = current;
    self.enter({ type: 'cancel' });
    current.cancel('cancelled', force);
  }

  /** Ends the job that runs, if there is one, and has it reported as cancelled. @param note a sentence for its console */
  endJob(note: string): void {
    const current = this.#current;
    const { self } = this.#options;
    if (current === undefined || self.state.kind !== 'building') return;
    self.enter({ type: 'cancel' });
    current.cancel('cancelled', false, note);
  }

  /**
   * @param leave aborted: this process has to go at once, the job stays for the next one
   * @throws what the system reports if the job cannot be written down; then it has not been taken
   */
  async accept(work: BuildWork, leave: AbortSignal): Promise<JobEnd> {
    const { home, serverUrl, hiddenEnvironment, pluginFolders, jobUser, self, settings, bootId } =
      this.#options;
    const { buildId } = work.assignment.jobIdentifier;
    const { uuid, hostName } = self.profile.identifier;
    const assignment: Assignment = {
      version: 1,
      buildId,
      bootId,
      work,
      agent: { uuid, hostName, home, serverUrl },
      hiddenEnvironment,
      graceMs: settings.graceMs,
      onCancelMs: settings.onCancelMs,
      pluginFolders,
      ...(jobUser === undefined ? {} : { runAs: jobUser }),
    };
    const folder = createJobFolder(home, assignment);
    self.enter({ type: 'work', job: work.assignment.jobIdentifier });
    return this.#seeTo(folder, assignment, leave, true);
  }

  /** Finishes what an earlier process of this agent has left. To be called before the first request for work. */
  async resume(leave: AbortSignal): Promise<void> {
    const { home, self, log } = this.#options;
    for (const folder of await listJobFolders(home)) {
      const assignment = await this.#readLeft(folder);
      if (assignment === undefined) continue;
      log.info({ buildId: assignment.buildId }, 'A job of an earlier agent process is taken over');
      self.enter({ type: 'work', job: assignment.work.assignment.jobIdentifier });
      if ((await this.#seeTo(folder, assignment, leave, false)) === 'left') return;
    }
  }

  /** A job that runs is seen to until it is over, whatever fails here: nobody else would. */
  async #seeTo(folder: string, assignment: Assignment, leave: AbortSignal, isNew: boolean): Promise<JobEnd> {
    const { self, clock, log, stop, noteUse } = this.#options;
    try {
      for (let tries = 0; ; tries++) {
        const run = new JobRun(folder, assignment, this.#options, { leave, stop }, isNew && tries === 0);
        this.#continue(run);
        try {
          return await run.run();
        } catch (error) {
          if (leave.aborted) return 'left';
          const level = tries === 0 ? 'error' : 'debug';
          log[level](
            { err: error, buildId: assignment.buildId },
            'A job cannot be seen to; it is tried again',
          );
          await this.#mend(folder, assignment, error);
        }
        if (!(await clock.sleep(AGAIN_MS, leave))) return 'left';
      }
    } finally {
      this.#current = undefined;
      self.enter({ type: 'finished' });
      const { agent, work } = assignment;
      await noteUse(resolve(agent.home, work.assignment.buildWorkingDirectory.path));
    }
  }

  /** What the one before it was told, it may not have passed on. */
  #continue(run: JobRun): void {
    const isForced = this.#forced !== undefined && this.#forced === this.#current;
    this.#current = run;
    if (isForced) this.#forced = run;
    if (this.#options.self.state.kind === 'cancelled') run.cancel('cancelled', isForced);
  }

  async #mend(folder: string, assignment: Assignment, error: unknown): Promise<void> {
    if (!(error instanceof AppError) || error.code !== 'journal-damaged') return;
    const { clock, bootId, log } = this.#options;
    await salvageJournal({ folder, assignment, clock, bootId }).catch((reason: unknown) =>
      log.error({ err: reason, folder }, 'A damaged journal could not be mended yet'),
    );
  }

  /** In this boot it is known; what an earlier one left without an event has never been forced to the disk (createJobFolder). */
  async #mayHaveBegun(folder: string, { bootId }: Assignment): Promise<boolean> {
    if (bootId === this.#options.bootId) return true;
    const reader = new JournalReader(folder);
    const isDamaged = await reader.readEvents().then(
      () => false,
      () => true,
    );
    return isDamaged || reader.events.length > 0;
  }

  async #readLeft(folder: string): Promise<Assignment | undefined> {
    const { self, serverUrl, log } = this.#options;
    try {
      const assignment = readAssignment(folder);
      const { agent } = assignment;
      if (agent.uuid !== self.profile.identifier.uuid || agent.serverUrl !== serverUrl) {
        log.warn({ folder, agent }, 'A job of another agent or server lies here; it is not delivered');
      } else if (await this.#mayHaveBegun(folder, assignment)) {
        return assignment;
      } else {
        log.warn({ folder }, 'A job had not begun when the machine went down; the server gives it out again');
        await removeJobFolder(folder);
        return undefined;
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        await removeJobFolder(folder);
        return undefined;
      }
      log.error({ err: error, folder }, `A job cannot be read and is put aside: ${describeError(error)}`);
    }
    // Out of the way of the next job with this number, and there for whoever looks for it; but nobody needs its secrets.
    await rm(join(folder, JOURNAL.assignment), { force: true });
    await rename(folder, join(dirname(folder), `aside-${process.hrtime.bigint()}-${basename(folder)}`));
    return undefined;
  }
}
