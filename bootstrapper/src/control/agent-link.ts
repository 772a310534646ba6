import type { AgentControl, AgentStatus, LaunchStatus, Settings } from '@go-agent/protocol/launch-contract';
import type { Clock } from '@go-agent/runtime/core';
import type { SupervisorEvent } from '../core/supervise.ts';

export interface AgentAnswer {
  /** What the agent said last; undefined if there is none, or it is one that does not tell. */
  readonly status: AgentStatus | undefined;
  /** It was said now, on being asked. */
  readonly fresh: boolean;
}

/** An agent with nothing to do answers within milliseconds; so does one with a job. */
const PATIENCE_MS = 2000;

/** The way to the agent, by whatever launcher runs just now. What it was told it is told again after a relaunch. */
export class AgentLink {
  readonly #clock: Clock;
  readonly #waiting = new Set<(status: AgentStatus | undefined) => void>();
  /** Hear of each status, and of an agent that has gone. */
  readonly observers = new Set<() => void>();
  #send: (message: AgentControl) => void = () => undefined;
  #launch: LaunchStatus | undefined;
  /** On the monotonic clock; Infinity: whenever the job ends. */
  #drainUntil: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For each launch: the way to its launcher. */
  readonly connect = (send: (message: AgentControl) => void): void => {
    this.#send = send;
    if (this.#drainUntil !== undefined) this.#tellDrain(this.#drainUntil);
  };

  get status(): AgentStatus | undefined {
    return this.#launch?.agent;
  }

  get pid(): number | undefined {
    return this.#launch?.agentPid;
  }

  /** @returns whether nothing but the agent's own status has changed */
  note(event: SupervisorEvent): boolean {
    const before = this.#launch;
    this.#launch = event.type === 'status' ? event.status : undefined;
    const { agent: was, ...rest } = before ?? {};
    const { agent: is, ...restNow } = this.#launch ?? {};
    if (is !== was || is === undefined) for (const wake of this.#waiting) wake(is);
    for (const observer of this.observers) observer();
    return is !== undefined && JSON.stringify(rest) === JSON.stringify(restNow);
  }

  /** @param deadlineMs for how long a running job may go on; absent: until it ends */
  drain(deadlineMs = Number.POSITIVE_INFINITY): void {
    this.#drainUntil = this.#clock.monotonic() + deadlineMs;
    this.#tellDrain(this.#drainUntil);
  }

  resume(): void {
    this.#drainUntil = undefined;
    this.#send({ type: 'resume' });
  }

  settings(settings: Settings): void {
    this.#send({ type: 'settings', settings });
  }

  /** How the agent is now. */
  async ask(): Promise<AgentAnswer> {
    if (this.#launch?.agentPid === undefined) return { status: undefined, fresh: false };
    const { promise, resolve } = Promise.withResolvers<AgentStatus | undefined>();
    const answered = new AbortController();
    const wake = (status: AgentStatus | undefined) => {
      this.#waiting.delete(wake);
      answered.abort();
      resolve(status);
    };
    this.#waiting.add(wake);
    this.#send({ type: 'report' });
    // The answer ends the wait, and a wait that was not ended had none.
    const fresh = !(await this.#clock.sleep(PATIENCE_MS, answered.signal)) && (await promise) !== undefined;
    this.#waiting.delete(wake);
    return { status: this.status, fresh };
  }

  #tellDrain(until: number): void {
    if (until === Number.POSITIVE_INFINITY) this.#send({ type: 'drain' });
    else this.#send({ type: 'drain', deadlineMs: Math.max(0, Math.round(until - this.#clock.monotonic())) });
  }
}
