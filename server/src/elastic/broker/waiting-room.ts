import type { ElasticWait } from '../../domain/elastic-wait.ts';

/** Why each waiting job waits. Made anew after a restart: plugins are asked again then. */
export class WaitingRoom {
  readonly #waits = new Map<number, ElasticWait>();
  readonly #told: (jobId: number, wait: ElasticWait) => void;

  /** @param told each time that there is something new to say of a job */
  constructor(told: (jobId: number, wait: ElasticWait) => void) {
    this.#told = told;
  }

  get(jobId: number): ElasticWait | undefined {
    return this.#waits.get(jobId);
  }

  set(jobId: number, wait: ElasticWait): void {
    const before = this.#waits.get(jobId);
    this.#waits.set(jobId, wait);
    if (before?.reason !== wait.reason || before.action !== wait.action) this.#told(jobId, wait);
  }

  /** Its plugin is to be asked at once. */
  makeDue(jobId: number, now: number): void {
    const wait = this.#waits.get(jobId);
    if (wait !== undefined) this.#waits.set(jobId, { ...wait, askAgainAt: now });
  }

  forget(jobId: number): void {
    this.#waits.delete(jobId);
  }
}
