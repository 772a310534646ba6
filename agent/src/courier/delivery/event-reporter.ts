import type { JobIdentifier } from '@go-agent/protocol';
import type { JournalEvent, JournalResult } from '../../journal/format.ts';
import type { AgentServer } from '../server/agent-server.ts';
import type { PersistentCaller } from './persistent-caller.ts';

export interface EventReporterOptions {
  readonly job: JobIdentifier;
  readonly server: AgentServer;
  readonly caller: PersistentCaller;
  /** The server has cancelled or rescheduled the job. May be called more than once. */
  readonly onIgnored: () => void;
  /** The job's tasks have begun, or are over: another job may come soon. */
  readonly onUnderWay: () => void;
}

/** Says to the server what the journal's events mean to it, in the order of the stock agent (reference 4.11). */
export class EventReporter {
  readonly #options: EventReporterOptions;
  /** Found out before the tasks ran: then the stock agent reports an end without a result. */
  #ignoredEarly = false;

  constructor(options: EventReporterOptions) {
    this.#options = options;
  }

  /** @param beforeEnd is called before each attempt to report the job's end, with the number of those that failed */
  async report(
    event: JournalEvent,
    signal: AbortSignal,
    beforeEnd: (failures: number) => Promise<void>,
  ): Promise<void> {
    const { job, server, caller } = this.#options;
    switch (event.type) {
      case 'started':
      case 'unknown':
        return;
      case 'preparing':
        return this.#begin('Preparing', signal);
      case 'building':
        await this.#begin('Building', signal);
        this.#options.onUnderWay();
        return;
      case 'completing':
        this.#options.onUnderWay();
        if (this.#ignoredEarly) return;
        await this.#reportCompleting(event.result, signal);
        if (!(await this.checkIgnored(signal))) await this.#reportStatus('Completing', signal);
        return;
      case 'completed': {
        if (this.#ignoredEarly) return this.#reportStatus('Completed', signal);
        const { result } = event;
        const report = async (failures: number) => {
          await beforeEnd(failures);
          await server.reportResult('report_completed', job, result, signal);
        };
        await caller.call(`report_completed ${result}`, report, signal);
      }
    }
  }

  /** Asks the server whether it still wants the job. */
  async checkIgnored(signal: AbortSignal): Promise<boolean> {
    const { job, server, caller, onIgnored } = this.#options;
    const answer = await caller.call('is_ignored', () => server.isIgnored(job, signal), signal);
    const ignored = answer.kind === 'done' && answer.value;
    if (ignored) onIgnored();
    return ignored;
  }

  async #begin(state: 'Preparing' | 'Building', signal: AbortSignal): Promise<void> {
    this.#ignoredEarly ||= await this.checkIgnored(signal);
    if (!this.#ignoredEarly) await this.#reportStatus(state, signal);
  }

  async #reportStatus(state: 'Preparing' | 'Building' | 'Completing' | 'Completed', signal: AbortSignal) {
    const { job, server, caller } = this.#options;
    await caller.call(`Report of state ${state}`, () => server.reportStatus(job, state, signal), signal);
  }

  async #reportCompleting(result: JournalResult, signal: AbortSignal): Promise<void> {
    const { job, server, caller } = this.#options;
    const report = () => server.reportResult('report_completing', job, result, signal);
    await caller.call(`report_completing ${result}`, report, signal);
  }
}
