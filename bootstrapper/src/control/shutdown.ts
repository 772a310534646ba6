import type { AgentStatus } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';

export interface ShutdownOptions {
  readonly clock: Clock;
  /** For how long a running job may go on once the end was asked for. */
  readonly drainTimeoutMs: number;
  readonly link: {
    readonly observers: Set<() => void>;
    readonly status: AgentStatus | undefined;
    drain(deadlineMs: number): void;
  };
  /** Hears what is done, in a sentence. */
  readonly say: (sentence: string) => void;
}

/** A job that is cancelled gets its grace, its on-cancel task, and time for the report. */
export const ENDING_MS = 75_000;
/** An agent without a job answers at once, or not at all. */
const IDLE_MS = 5000;

const WITH_JOB = ['building', 'draining', 'cancelled', 'starting'];

/**
 * The way down, one rung after the other: the job may finish; it is cancelled and reported; the agent is ended with all that it has;
 * everything is killed. SIGTERM goes one rung down, SIGINT at least to the third.
 */
export class Shutdown {
  readonly #options: ShutdownOptions;
  /** As in the options; another one counts from the next SIGTERM on. */
  drainTimeoutMs: number;
  readonly #stop = new AbortController();
  readonly #kill = new AbortController();
  #rung: 0 | 1 | 2 | 3 | 4 = 0;
  #waiting = new AbortController();
  /** For how long a job may go on that comes although none was known of. */
  #patienceMs: number | undefined;

  constructor(options: ShutdownOptions) {
    this.#options = options;
    this.drainTimeoutMs = options.drainTimeoutMs;
    options.link.observers.add(() => {
      const { status } = options.link;
      if (this.#rung > 0 && status?.state === 'drained') this.#descend(3);
      else if (status !== undefined) this.#allowForJob(status);
    });
  }

  /** The agent is to be ended properly. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get kill(): AbortSignal {
    return this.#kill.signal;
  }

  /** SIGTERM. */
  terminate(): void {
    if (this.#rung === 0) this.#begin(this.drainTimeoutMs);
    else this.#descend(this.#rung + 1);
  }

  /** SIGINT. */
  interrupt(): void {
    this.#descend(Math.max(3, this.#rung + 1));
  }

  #begin(drainTimeoutMs: number): void {
    const { link, say } = this.#options;
    const { status } = link;
    // No agent, or one that cannot be drained.
    if (status === undefined) return this.#descend(3);
    const hasJob = WITH_JOB.includes(status.state);
    if (drainTimeoutMs === 0 && hasJob) return this.#descend(2);
    this.#rung = 1;
    link.drain(drainTimeoutMs);
    if (status.job !== undefined)
      say(`Job ${status.job} may finish within ${drainTimeoutMs / 1000} s; then the agent ends`);
    if (!hasJob) this.#patienceMs = drainTimeoutMs;
    void this.#after(hasJob ? drainTimeoutMs + ENDING_MS : IDLE_MS, 3);
  }

  /** The server had given the agent a job that its last word did not tell of yet: it has the time that any job has. */
  #allowForJob({ state, job }: AgentStatus): void {
    const mayHaveOne = WITH_JOB.includes(state) && (state !== 'draining' || job !== undefined);
    if (this.#rung !== 1 || this.#patienceMs === undefined || !mayHaveOne) return;
    const ms = this.#patienceMs;
    this.#patienceMs = undefined;
    this.#waiting.abort();
    if (job !== undefined)
      this.#options.say(`Job ${job} may finish within ${ms / 1000} s; then the agent ends`);
    void this.#after(ms + ENDING_MS, 3);
  }

  #descend(rung: number): void {
    const { link, say } = this.#options;
    if (rung <= this.#rung) return;
    this.#waiting.abort();
    if (rung === 2) {
      this.#rung = 2;
      say('The job is cancelled and reported; then the agent ends');
      link.drain(0);
      void this.#after(ENDING_MS, 3);
    } else if (rung === 3) {
      this.#rung = 3;
      say('Asked to stop: ending the agent');
      this.#stop.abort(new Error('The bootstrapper is to stop'));
    } else {
      this.#rung = 4;
      this.#stop.abort(new Error('The bootstrapper is to stop'));
      this.#kill.abort(new Error('The bootstrapper is to stop at once'));
    }
  }

  async #after(ms: number, rung: number): Promise<void> {
    this.#waiting = new AbortController();
    if (await this.#options.clock.sleep(ms, this.#waiting.signal)) this.#descend(rung);
  }
}
