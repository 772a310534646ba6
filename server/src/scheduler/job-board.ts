// The active jobs in memory, as the database has them: what is asked at every request is answered from here.

import { isActive, isOnAgent } from '../domain/job-state.ts';
import { jobLocator } from '../domain/locator.ts';
import { nameKey } from '../domain/names.ts';
import type { JobRecord } from '../store/job-record.ts';

export class JobBoard {
  readonly #jobs = new Map<number, JobRecord>();
  readonly #byAgent = new Map<string, number>();
  readonly #byLocator = new Map<string, number>();
  readonly #activeAt = new Map<number, number>();
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** After each commit, in order. */
  apply(record: JobRecord): void {
    const { jobId, state, agentUuid } = record.view;
    if (!isActive(state)) {
      this.#forget(record);
      return;
    }
    this.#jobs.set(jobId, record);
    this.#byLocator.set(locatorKey(record), jobId);
    if (isOnAgent(state) && agentUuid !== undefined) this.#byAgent.set(agentUuid, jobId);
    this.#activeAt.set(jobId, this.#monotonic());
  }

  byId(jobId: number): JobRecord | undefined {
    return this.#jobs.get(jobId);
  }

  onAgent(uuid: string): JobRecord | undefined {
    const jobId = this.#byAgent.get(uuid);
    return jobId === undefined ? undefined : this.#jobs.get(jobId);
  }

  /** @param locator `pipeline/counter/stage/stageCounter/job`, in any case */
  byLocator(locator: string): JobRecord | undefined {
    const jobId = this.#byLocator.get(nameKey(locator));
    return jobId === undefined ? undefined : this.#jobs.get(jobId);
  }

  all(): JobRecord[] {
    return [...this.#jobs.values()];
  }

  /** In the order of the queue: by the time of scheduling, then by id. */
  waiting(): JobRecord[] {
    return this.all()
      .filter(({ view }) => view.state === 'scheduled')
      .sort((a, b) => a.view.scheduledAt - b.view.scheduledAt || a.view.jobId - b.view.jobId);
  }

  noteActivity(jobId: number): void {
    if (this.#jobs.has(jobId)) this.#activeAt.set(jobId, this.#monotonic());
  }

  /** Milliseconds since the job's last sign of life: console output or a change of state. */
  silentMs(jobId: number): number {
    return this.#monotonic() - (this.#activeAt.get(jobId) ?? this.#monotonic());
  }

  #forget(record: JobRecord): void {
    const { jobId, agentUuid } = record.view;
    this.#jobs.delete(jobId);
    this.#activeAt.delete(jobId);
    if (this.#byLocator.get(locatorKey(record)) === jobId) this.#byLocator.delete(locatorKey(record));
    if (agentUuid !== undefined && this.#byAgent.get(agentUuid) === jobId) this.#byAgent.delete(agentUuid);
  }
}

function locatorKey({ view }: JobRecord): string {
  return nameKey(jobLocator(view));
}
