// Between the broker of elastic agents and their requests for work: who asks, and who has been promised which job.

import type { Clock } from '@go-agent/runtime/core';

/** A promise that is not taken up in this time is void; a stock agent asks at least every 10 s. */
export const GRANT_MS = 20_000;
/** An agent that is not held and has not asked for so long is not there. */
const ASKED_MS = 15_000;

export class ElasticGrants {
  readonly #clock: Clock;
  readonly #grants = new Map<string, { readonly jobId: number; readonly until: number }>();
  /** Promises that are being kept: by uuid, the job. */
  readonly #taken = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #held = new Set<string>();
  #onChange: (uuid: string) => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param told whenever an agent begins to ask, or a promise is not kept */
  listen(told: (uuid: string) => void): void {
    this.#onChange = told;
  }

  asks(uuid: string): void {
    const isNews = !this.isAsking(uuid);
    this.#held.add(uuid);
    this.#asked.set(uuid, this.#clock.monotonic());
    if (isNews) this.#onChange(uuid);
  }

  stopsAsking(uuid: string, gotJob: boolean): void {
    this.#held.delete(uuid);
    if (gotJob) this.#asked.delete(uuid);
  }

  isAsking(uuid: string): boolean {
    if (this.#held.has(uuid)) return true;
    const at = this.#asked.get(uuid);
    return at !== undefined && this.#clock.monotonic() - at < ASKED_MS;
  }

  grant(uuid: string, jobId: number): void {
    this.#grants.set(uuid, { jobId, until: this.#clock.monotonic() + GRANT_MS });
  }

  /** The job that this agent has been promised, once. Until it is `settled` nothing else can be promised to the agent. */
  take(uuid: string): number | undefined {
    const jobId = this.#promised(uuid);
    this.#grants.delete(uuid);
    if (jobId !== undefined) this.#taken.set(uuid, jobId);
    return jobId;
  }

  /** The job that was taken is the agent's by now, or never will be. */
  settled(uuid: string): void {
    this.#taken.delete(uuid);
  }

  /** The job that this agent has been promised, or is just being given. */
  granted(uuid: string): number | undefined {
    return this.#taken.get(uuid) ?? this.#promised(uuid);
  }

  isPromised(jobId: number): boolean {
    for (const taken of this.#taken.values()) if (taken === jobId) return true;
    for (const uuid of this.#grants.keys()) if (this.#promised(uuid) === jobId) return true;
    return false;
  }

  /** A promise could not be kept. */
  broken(uuid: string): void {
    this.#onChange(uuid);
  }

  forget(uuid: string): void {
    this.#grants.delete(uuid);
    this.#taken.delete(uuid);
    this.#asked.delete(uuid);
    this.#held.delete(uuid);
  }

  #promised(uuid: string): number | undefined {
    const grant = this.#grants.get(uuid);
    if (grant === undefined) return undefined;
    if (grant.until > this.#clock.monotonic()) return grant.jobId;
    this.#grants.delete(uuid);
    return undefined;
  }
}
