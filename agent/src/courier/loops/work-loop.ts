import type { BuildWork } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError, type Service } from '@go-agent/runtime/core';
import type { Housekeeper } from '../../space/housekeeper.ts';
import type { AskingGate } from '../control/asking-gate.ts';
import type { FitnessWatch } from '../control/fitness-watch.ts';
import type { HostPool } from '../jobs/host-pool.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { AgentServer, WorkAnswer } from '../server/agent-server.ts';
import type { Session } from '../session.ts';
import type { CourierSettings } from '../settings/courier-settings.ts';
import type { UpgradeCheck } from '../upgrade-check.ts';
import { noWorkEnd, pauseAfter, type TurnEnd } from './work-delay.ts';

export interface WorkLoopOptions {
  readonly session: Session;
  readonly server: AgentServer;
  readonly desk: JobDesk;
  readonly hosts: HostPool;
  readonly housekeeper: Housekeeper;
  readonly gate: AskingGate;
  readonly fitness: Pick<FitnessWatch, 'look' | 'lackingBytes' | 'noteJournalFailure'>;
  readonly settings: CourierSettings;
  readonly upgrade: UpgradeCheck;
  /** Aborted: take no more work; the loop ends as soon as there is no job. */
  readonly drain: AbortSignal;
  /** The jobs of earlier processes are over. */
  readonly onUp: () => void;
  /** The server's word on whether this agent may work. */
  readonly onDisabled: (isDisabled: boolean) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

const RESUME_AGAIN_MS = 5000;

/** Asks for work and sees each job through to its delivery, one after the other. Ends to be launched anew, or when drained. */
export class WorkLoop implements Service {
  readonly name = 'work';
  readonly #options: WorkLoopOptions;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { drain, settings, gate, clock, log, onUp } = this.#options;
    const idle = AbortSignal.any([signal, drain]);
    // Until then there is nobody else to see to what runs already.
    while (!(await this.#resume(signal)) && (await clock.sleep(RESUME_AGAIN_MS, signal)));
    onUp();
    for (let fruitless = 0; !idle.aborted; ) {
      const end = await this.#turn(idle, signal).catch((error: unknown): TurnEnd => {
        if (idle.aborted) return 'leave';
        this.#options.session.noteFailure(error);
        log[fruitless === 0 ? 'error' : 'warn'](`No work: ${describeError(error)}`);
        return 'failed';
      });
      if (end === 'leave') return;
      const { workBackoffMs: firstMs, workBackoffMaxMs: maxMs, registrationRetryMs } = settings;
      const backoff = { firstMs, factor: 1.5, maxMs, jitter: 0.2 };
      const pause = pauseAfter(end, fruitless, backoff, registrationRetryMs);
      fruitless = pause.fruitless;
      if (pause.ms > 0) await gate.opened.wait(pause.ms, clock, idle);
    }
  }

  async #resume(signal: AbortSignal): Promise<boolean> {
    const { desk, log } = this.#options;
    try {
      await desk.resume(signal);
      return true;
    } catch (error) {
      log.error({ err: error }, `What earlier jobs left cannot be read: ${describeError(error)}`);
      return false;
    }
  }

  async #turn(signal: AbortSignal, leave: AbortSignal): Promise<TurnEnd> {
    const { session, gate, clock, log, onDisabled } = this.#options;
    if (await this.#options.upgrade.isDue(signal)) return 'leave';
    const { kind } = await session.establish(signal);
    if (kind === 'not-registered') return 'not-registered';
    if (!(await this.#mayAsk(signal))) return 'nothing';
    using _asking = gate.beginAsking();
    const askedAt = clock.monotonic();
    const answer = await this.#ask(signal);
    if (answer === undefined) return 'nothing';
    const { work, held } = answer;
    switch (work.type) {
      case 'BuildWork': {
        const { buildId } = work.assignment.jobIdentifier;
        log.info({ buildId, job: work.assignment.jobIdentifier }, 'A job has come');
        onDisabled(false);
        return await this.#accept(work, leave);
      }
      case 'UnregisteredAgentWork':
        session.forgetRegistration();
        return 'failed';
      case 'DeniedAgentWork':
      case 'NoWork':
        onDisabled(work.type === 'DeniedAgentWork');
        return noWorkEnd(held, clock.monotonic() - askedAt);
    }
  }

  async #accept(work: BuildWork, leave: AbortSignal): Promise<TurnEnd> {
    const { desk, fitness } = this.#options;
    try {
      return (await desk.accept(work, leave)) === 'left' ? 'leave' : 'worked';
    } catch (error) {
      // The server gives it to another agent, or to this one once it can be written down.
      fitness.noteJournalFailure(error);
      throw error;
    }
  }

  async #mayAsk(signal: AbortSignal): Promise<boolean> {
    const { gate, fitness, housekeeper } = this.#options;
    await fitness.look();
    if (!gate.closed.aborted) return true;
    // Housekeeping is what helps against a full disk, and there is time for it.
    await housekeeper.tidy(signal, fitness.lackingBytes);
    await fitness.look();
    return !gate.closed.aborted;
  }

  /** What the server has for this agent; undefined if the gate was closed while it was asked. */
  async #ask(signal: AbortSignal): Promise<WorkAnswer | undefined> {
    const { server, hosts, housekeeper, gate, settings } = this.#options;
    const answered = new AbortController();
    // Work must not come any more, also not to a request that is held.
    const { closed } = gate;
    const asking = server.getWork(settings.workWaitMs, AbortSignal.any([signal, closed]));
    // After the request is under way: starting a process takes time.
    setImmediate(() => hosts.tend());
    const meanwhile = AbortSignal.any([signal, answered.signal]);
    const tidying = housekeeper.tidy(meanwhile);
    try {
      return await asking;
    } catch (error) {
      if (closed.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      answered.abort();
      await tidying;
    }
  }
}
