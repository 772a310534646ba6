import type { AgentInstruction } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import type { Clock, Service } from '@go-agent/runtime/core';
import type { AgentSelf } from '../agent-self.ts';
import { Bell } from '../bell.ts';
import type { JobDesk } from '../jobs/job-desk.ts';

export interface InstructionLoopOptions {
  readonly self: AgentSelf;
  readonly desk: Pick<JobDesk, 'cancel'>;
  readonly settings: { readonly instructionIntervalMs: number };
  readonly clock: Clock;
  readonly log: Logger;
}

/** Does what the server's last ping answer said: at once, and by its timer should a wake-up get lost. */
export class InstructionLoop implements Service {
  readonly name = 'instruction';
  readonly #options: InstructionLoopOptions;
  readonly #bell = new Bell();
  #pending: { readonly instruction: AgentInstruction; readonly buildId: number } | undefined;

  constructor(options: InstructionLoopOptions) {
    this.#options = options;
  }

  /**
   * Takes a ping's answer. It is meant for the job of now, and never for a later one.
   * @param askedFor the job that ran when the ping was sent; undefined: none, so that an instruction is about one that came since
   */
  post(instruction: AgentInstruction, askedFor: number | undefined): void {
    const { state } = this.#options.self;
    const isLate = state.kind !== 'idle' && askedFor !== undefined && askedFor !== state.job.buildId;
    this.#pending =
      instruction === 'NONE' || state.kind === 'idle' || isLate
        ? undefined
        : { instruction, buildId: state.job.buildId };
    if (this.#pending !== undefined) this.#bell.ring();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, settings } = this.#options;
    while (await this.#bell.wait(settings.instructionIntervalMs, clock, signal)) this.#apply();
  }

  #apply(): void {
    const { desk, log, self } = this.#options;
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending === undefined || self.state.kind === 'idle') return;
    const force = pending.instruction === 'KILL_RUNNING_TASKS';
    if (self.state.kind === 'cancelled' && !force) return;
    log.info(pending, 'The server wants the job to end');
    desk.cancel(pending.buildId, force);
  }
}
