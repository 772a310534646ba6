import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CONSOLE_LOG } from '@go-agent/protocol';
import type { JobLocatorView } from '../domain/views.ts';

/** `pipeline/counter/stage/stageCounter/job`, as in file URLs and messages. */
export function locatorText(job: Omit<JobLocatorView, 'label' | 'jobId'>): string {
  return `${job.pipeline}/${job.counter}/${job.stage}/${job.stageCounter}/${job.job}`;
}

/** Where the files of jobs are on disk (server-agents-jobs-elastic 5.1). */
export class JobFolders {
  readonly artifacts: string;
  readonly consoles: string;
  /** On the same file system as the artifacts, so that what was received is moved, not copied. */
  readonly incoming: string;
  /** Of files that arrive in parts; kept over a restart. */
  readonly partial: string;

  constructor(dataDir: string) {
    this.artifacts = join(dataDir, 'artifacts');
    this.consoles = join(dataDir, 'console');
    this.incoming = join(this.artifacts, 'incoming');
    this.partial = join(this.artifacts, 'partial');
  }

  /** Makes the folders, and removes what uploads left behind when the server was killed. */
  async make(): Promise<void> {
    await rm(this.incoming, { recursive: true, force: true });
    for (const folder of [this.incoming, this.consoles]) await mkdir(folder, { recursive: true });
  }

  job(job: JobLocatorView): string {
    return join(
      this.artifacts,
      'pipelines',
      job.pipeline,
      String(job.counter),
      job.stage,
      String(job.stageCounter),
      job.job,
    );
  }

  /**
   * The console of a job that is not over. Unlike GoCD's it has the job's id in its name: a job that was given to another
   * agent keeps its locator, and the late lines of the first agent must not get into the log of the second.
   */
  runningConsole(job: JobLocatorView): string {
    return join(
      this.consoles,
      `${createHash('md5').update(locatorText(job)).digest('hex')}-${job.jobId}.log`,
    );
  }

  console(job: JobLocatorView): string {
    return join(this.job(job), CONSOLE_LOG);
  }
}
