import type { Logger } from '@go-agent/runtime';
import { type Clock, describeError, type Service } from '@go-agent/runtime/core';
import type { Housekeeper } from '../../space/housekeeper.ts';
import { type DiskShortage, judgeDisk } from '../../space/judge-disk.ts';
import type { AgentSelf } from '../agent-self.ts';
import { diskSpace } from '../identity/machine.ts';
import type { HostPool } from '../jobs/host-pool.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { AgentServer, WorkAnswer } from '../server/agent-server.ts';
import type { Offer, RegistrationClient } from '../server/registration-client.ts';
import type { Session } from '../session.ts';
import type { CourierSettings } from '../settings/courier-settings.ts';
import { newBundle } from '../upgrade-check.ts';
import { noWorkEnd, pauseAfter, type TurnEnd } from './work-delay.ts';

export interface WorkLoopOptions {
  readonly self: AgentSelf;
  readonly session: Session;
  readonly server: AgentServer;
  readonly client: RegistrationClient;
  readonly desk: JobDesk;
  readonly hosts: HostPool;
  readonly housekeeper: Housekeeper;
  readonly settings: CourierSettings;
  readonly home: string;
  /** What the server offered when this agent was launched; undefined without a launcher: no upgrades then. */
  readonly launchedWith: Offer | undefined;
  /** Aborted: take no more work; the loop ends as soon as there is no job. */
  readonly drain: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

// A disk that fills up while a request is held ends the request: work must not come any more.
const DISK_CHECK_MS = 2000;

/** Asks for work and sees each job through to its delivery, one after the other. Ends to be launched anew, or when drained. */
export class WorkLoop implements Service {
  readonly name = 'work';
  readonly #options: WorkLoopOptions;
  #diskIsLow = false;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { desk, drain, settings, clock, log } = this.#options;
    const { workBackoffMs: firstMs, workBackoffMaxMs: maxMs, registrationRetryMs } = settings;
    const backoff = { firstMs, factor: 1.5, maxMs, jitter: 0.2 };
    const idle = AbortSignal.any([signal, drain]);
    await desk.resume(signal);
    for (let fruitless = 0; !idle.aborted; ) {
      const end = await this.#turn(idle, signal).catch((error: unknown): TurnEnd => {
        if (idle.aborted) return 'leave';
        this.#options.session.noteFailure(error);
        log[fruitless === 0 ? 'error' : 'warn'](`No work: ${describeError(error)}`);
        return 'failed';
      });
      if (end === 'leave') return;
      const pause = pauseAfter(end, fruitless, backoff, registrationRetryMs);
      fruitless = pause.fruitless;
      if (pause.ms > 0) await clock.sleep(pause.ms, idle);
    }
  }

  async #turn(signal: AbortSignal, leave: AbortSignal): Promise<TurnEnd> {
    const { session, desk, housekeeper, clock, log } = this.#options;
    if (await this.#mustUpgrade(signal)) return 'leave';
    const { kind } = await session.establish(signal);
    if (kind === 'not-registered') return 'not-registered';
    const shortage = await this.#checkDisk();
    if (shortage !== undefined) {
      await housekeeper.tidy(signal, shortage.lackingBytes);
      if ((await this.#checkDisk()) !== undefined) return 'nothing';
    }
    const askedAt = clock.monotonic();
    const answer = await this.#ask(signal);
    if (answer === undefined) return 'nothing';
    const { work, held } = answer;
    switch (work.type) {
      case 'BuildWork': {
        const { buildId } = work.assignment.jobIdentifier;
        log.info({ buildId, job: work.assignment.jobIdentifier }, 'A job has come');
        return (await desk.accept(work, leave)) === 'left' ? 'leave' : 'worked';
      }
      case 'UnregisteredAgentWork':
        session.forgetRegistration();
        return 'failed';
      case 'DeniedAgentWork':
      case 'NoWork':
        return noWorkEnd(held, clock.monotonic() - askedAt);
    }
  }

  /** What the server has for this agent; undefined if the disk has filled up while it was asked. */
  async #ask(signal: AbortSignal): Promise<WorkAnswer | undefined> {
    const { server, hosts, housekeeper, settings } = this.#options;
    const answered = new AbortController();
    const full = new AbortController();
    const asking = server.getWork(settings.workWaitMs, AbortSignal.any([signal, full.signal]));
    // After the request is under way: starting a process takes time.
    setImmediate(() => hosts.warm());
    const meanwhile = AbortSignal.any([signal, answered.signal]);
    const chores = [housekeeper.tidy(meanwhile), this.#watchDisk(full, meanwhile)];
    try {
      return await asking;
    } catch (error) {
      if (full.signal.aborted && !signal.aborted) return undefined;
      throw error;
    } finally {
      answered.abort();
      await Promise.all(chores);
    }
  }

  /** Never rejects: where the disk cannot be asked, the next turn of the loop says so. */
  async #watchDisk(full: AbortController, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (await clock.sleep(DISK_CHECK_MS, signal)) {
      const shortage = await this.#checkDisk().catch(() => undefined);
      if (shortage !== undefined) full.abort(new Error('The disk has filled up'));
    }
  }

  async #mustUpgrade(signal: AbortSignal): Promise<boolean> {
    const { client, launchedWith, log } = this.#options;
    if (launchedWith === undefined) return false;
    const offered = await client.offer(signal);
    const changed = newBundle(launchedWith, offered);
    if (changed === undefined) return false;
    log.info(
      { changed, launchedWith, offered },
      `The server offers another ${changed}; the agent ends to be launched anew`,
    );
    return true;
  }

  /** An agent without room fails each job that it takes, and takes all of them. */
  async #checkDisk(): Promise<DiskShortage | undefined> {
    const { self, settings, home, log } = this.#options;
    const space = await diskSpace(home);
    self.usableSpace = space.freeBytes;
    const shortage = judgeDisk(space, settings.diskLimitBytes);
    if (shortage !== undefined && !this.#diskIsLow) {
      log.error(
        `No work is asked for: ${shortage.reason} under ${home}/pipelines. Free some space, or lower the setting disk-limit`,
      );
    } else if (shortage === undefined && this.#diskIsLow) {
      log.info('There is enough space again; work is asked for');
    }
    this.#diskIsLow = shortage !== undefined;
    return shortage;
  }
}
