import type { EventBus, PipelineDesk } from '../core.ts';
import type { JobView } from '../domain/views.ts';
import type { FileAddress } from './file-address.ts';

const MAX_JOBS = 4096;

/** The jobs whose agents send files now, in memory: a console request costs no look-up but the first. */
export class ActiveJobs implements Disposable {
  readonly #pipelines: PipelineDesk;
  readonly #jobs = new Map<number, JobView>();
  readonly #subscription: Disposable;

  constructor(pipelines: PipelineDesk, events: EventBus) {
    this.#pipelines = pipelines;
    this.#subscription = events.subscribe((event) => {
      if (event.type === 'job-changed' && this.#jobs.has(event.job.jobId))
        this.#jobs.set(event.job.jobId, event.job);
    });
  }

  /** The job of an upload. The id is believed only if it is a job of that address. */
  async find(address: FileAddress, buildId: number | undefined): Promise<JobView | undefined> {
    if (buildId === undefined) return this.#pipelines.findJob(address);
    const known = this.#jobs.get(buildId) ?? (await this.#remember(buildId));
    return known !== undefined && isAt(known, address) ? known : this.#pipelines.findJob(address);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #remember(jobId: number): Promise<JobView | undefined> {
    const job = await this.#pipelines.job(jobId);
    // What no agent has yet may be given to one before it could be remembered here; the answer would then stay "nobody's".
    if (job?.agentUuid === undefined) return job;
    this.#jobs.set(jobId, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > MAX_JOBS && oldest !== undefined) this.#jobs.delete(oldest);
    return job;
  }
}

function isAt(job: JobView, address: FileAddress): boolean {
  return (
    sameName(job.pipeline, address.pipeline) &&
    sameName(job.stage, address.stage) &&
    sameName(job.job, address.job) &&
    (address.counter === 'latest' || address.counter === job.counter) &&
    (address.stageCounter === 'latest' || address.stageCounter === job.stageCounter)
  );
}

function sameName(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
