import type { Logger } from '@go-agent/runtime';
import type { Clock, Service } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import { Bell } from '../bell.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { AskingGate } from './asking-gate.ts';

export interface DrainOrderOptions {
  readonly self: AgentSelf;
  readonly desk: Pick<JobDesk, 'endJob'>;
  readonly gate: AskingGate;
  readonly clock: Clock;
  readonly log: Logger;
}

const NAME = 'drain';
const WITHOUT_DEADLINE_MS = 3_600_000;

/** The operator's order to finish the job and to take no more. Ends the job that has not ended by itself at the deadline. */
export class DrainOrder implements Service {
  readonly name = 'drain';
  readonly #options: DrainOrderOptions;
  readonly #bell = new Bell();
  /** On the monotonic clock. */
  #deadline: number | undefined;
  #isGiven = false;

  constructor(options: DrainOrderOptions) {
    this.#options = options;
    // A job of an earlier process may come while an order is there.
    options.self.observers.add(() => this.#bell.ring());
  }

  get isGiven(): boolean {
    return this.#isGiven;
  }

  /** @param deadlineMs for how long the running job may go on; absent: until it ends */
  give(deadlineMs?: number): void {
    const { gate, clock, log } = this.#options;
    log.info({ deadlineMs }, 'The agent is to finish its job and to take no more');
    this.#isGiven = true;
    this.#deadline = deadlineMs === undefined ? undefined : clock.monotonic() + deadlineMs;
    gate.close(NAME, 'The agent is drained. go-agent resume ends that');
    this.#bell.ring();
  }

  takeBack(): void {
    if (!this.#isGiven) return;
    this.#isGiven = false;
    this.#deadline = undefined;
    this.#options.log.info('The agent takes work again');
    this.#options.gate.open(NAME);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, desk } = this.#options;
    const untilDeadline = () =>
      this.#deadline === undefined ? WITHOUT_DEADLINE_MS : Math.max(0, this.#deadline - clock.monotonic());
    const isDue = () => this.#deadline !== undefined && clock.monotonic() >= this.#deadline;
    while (await this.#bell.wait(isDue() ? WITHOUT_DEADLINE_MS : untilDeadline(), clock, signal)) {
      if (isDue()) desk.endJob('The agent is to stop, and the time that it gave to this job is over.');
    }
  }
}
