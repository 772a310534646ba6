import type { Logger } from '@go-agent/runtime';
import { type Clock, isAlive, type ProcessIdentity, withDeadline } from '@go-agent/runtime/core';
import { readDelivered } from '../../journal/delivered-file.ts';
import type { Assignment, CancelReason, JobStarted, JournalEvent } from '../../journal/format.ts';
import { removeJobFolder } from '../../journal/job-folder.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import type { AgentSelf } from '../agent-self.ts';
import { Bell } from '../bell.ts';
import { deliverJob } from '../delivery/deliver-job.ts';
import { EventReporter } from '../delivery/event-reporter.ts';
import { PersistentCaller } from '../delivery/persistent-caller.ts';
import type { AgentServer } from '../server/agent-server.ts';
import type { HttpClient } from '../server/http-client.ts';
import type { Session } from '../session.ts';
import type { CourierSettings } from '../settings/courier-settings.ts';
import { concludeJob, endLeftovers } from './conclude-job.ts';
import { describeLoss } from './describe-loss.ts';
import { giveUpHost } from './give-up-host.ts';
import { HostLink } from './host-link.ts';
import type { HostPool } from './host-pool.ts';
import { openRelay } from './relay.ts';

export interface JobDependencies {
  readonly self: AgentSelf;
  readonly server: AgentServer;
  readonly session: Session;
  readonly http: HttpClient;
  readonly hosts: HostPool;
  readonly settings: CourierSettings;
  readonly clock: Clock;
  readonly bootId: string;
  readonly log: Logger;
}

/**
 * `delivered`: the server knows all, `superseded`: it wants nothing to do with it, `stopped`: ended with the agent, to be run again
 * by the server. In these three the folder is gone. `left`: this process goes, the job stays for the next one.
 */
export type JobEnd = 'delivered' | 'superseded' | 'stopped' | 'left';

export interface JobSignals {
  /** This process has to go at once. */
  readonly leave: AbortSignal;
  /** The job has to end with this process. */
  readonly stop: AbortSignal;
}

const HOST_STARTS = 3;
const RESTART_PAUSE_MS = 200;
const STOP_MARGIN_MS = 5000;

/** One job from its folder to its end, whether it is new, runs already, or ran before this process was started. */
export class JobRun {
  readonly assignment: Assignment;
  readonly #folder: string;
  readonly #deps: JobDependencies;
  readonly #signals: JobSignals;
  readonly #reader: JournalReader;
  readonly #bell = new Bell();
  readonly #link: HostLink;
  readonly #caller: PersistentCaller;
  /** Made by this process a moment ago: its journal need not be looked at. */
  readonly #isNew: boolean;

  constructor(
    folder: string,
    assignment: Assignment,
    deps: JobDependencies,
    signals: JobSignals,
    isNew: boolean,
  ) {
    this.#isNew = isNew;
    this.assignment = assignment;
    this.#folder = folder;
    this.#deps = { ...deps, log: deps.log.child({ buildId: assignment.buildId }) };
    this.#signals = signals;
    this.#reader = new JournalReader(folder);
    const onProgress = () => this.#bell.ring();
    const { clock, bootId } = deps;
    this.#link = new HostLink({ folder, reader: this.#reader, clock, bootId, onProgress });
    const { session, settings, log } = this.#deps;
    const { workBackoffMs: firstMs, workBackoffMaxMs: maxMs } = settings;
    this.#caller = new PersistentCaller({
      session,
      clock,
      log,
      backoff: { firstMs, factor: 1.5, maxMs, jitter: 0.2 },
    });
  }

  /** Has the host end the job's processes. `force`: without a grace, also if they are being ended already. */
  cancel(reason: CancelReason, force = false, note?: string): void {
    this.#deps.log.info({ reason, force, note }, 'The job is to end');
    this.#link.cancel(reason, force, note);
  }

  async run(): Promise<JobEnd> {
    const { http, server, log } = this.#deps;
    const { leave, stop } = this.#signals;
    const job = this.assignment.work.assignment.jobIdentifier;
    const onStop = () => this.cancel('agent-stopping');
    if (stop.aborted) onStop();
    stop.addEventListener('abort', onStop, { once: true });
    const credentials = () => server.credentials();
    const lost = new AbortController();
    const gone = AbortSignal.any([leave, stop, lost.signal]);
    // Without somebody who sees to the journal's last event, the delivery would wait for it for ever.
    const host = this.#superviseHost(gone).catch((error: unknown) => lost.abort(error));
    try {
      await using _relay = await openRelay({ folder: this.#folder, job, http, credentials, log });
      const end = await this.#deliver(gone);
      if (leave.aborted) return 'left';
      lost.signal.throwIfAborted();
      await this.#endHost(stop.aborted ? (signal) => this.#link.untilGone(signal) : () => host);
      if (end === 'aborted' && (await this.#isOverByItself())) {
        log.warn('The agent stops before the server knows how the job ended; the next agent tells it');
        return 'left';
      }
      await removeJobFolder(this.#folder);
      log.info({ end }, 'The job is over for this agent');
      return end === 'aborted' ? 'stopped' : end;
    } finally {
      stop.removeEventListener('abort', onStop);
      lost.abort();
    }
  }

  /** The job has a result that is not the agent's own doing. */
  async #isOverByItself(): Promise<boolean> {
    const last = (await this.#reader.readEvents()).at(-1);
    return last?.type === 'completed' && last.reason !== ('agent-stopping' satisfies CancelReason);
  }

  async #deliver(signal: AbortSignal): Promise<'delivered' | 'superseded' | 'aborted'> {
    const { server, settings, clock, log, hosts } = this.#deps;
    const caller = this.#caller;
    const { work } = this.assignment;
    const reporter = new EventReporter({
      job: work.assignment.jobIdentifier,
      server,
      caller,
      onIgnored: () => this.cancel('ignored'),
      onUnderWay: () => hosts.warm(),
    });
    const { consoleIntervalMs, stockConsoleIntervalMs } = settings;
    try {
      const end = await deliverJob(
        {
          folder: this.#folder,
          work,
          reader: this.#reader,
          server,
          caller,
          reporter,
          clock,
          log,
          bell: this.#bell,
          consoleIntervalMs,
          stockConsoleIntervalMs,
        },
        signal,
      );
      if (end === 'superseded') this.cancel('superseded');
      return end;
    } catch (error) {
      if (signal.aborted) return 'aborted';
      throw error;
    }
  }

  /** Sees to it that the journal gets its last event. Resolves once that is so and no host is left, or at abort. */
  async #superviseHost(signal: AbortSignal): Promise<void> {
    const { clock, log, hosts } = this.#deps;
    for (let starts = 0; ; ) {
      if ((this.#isNew && starts === 0) || (await this.#reader.readEvents()).length === 0) {
        starts += 1;
        this.#link.expect(hosts.assign(this.#folder));
      }
      const silent = await this.#link.untilGone(signal);
      if (signal.aborted) return;
      const isGivenUp = silent !== undefined && (await giveUpHost(silent, this.#folder, clock));
      // It has begun after all.
      if (silent !== undefined && !isGivenUp) continue;
      const events = await this.#reader.readEvents();
      if (events.at(-1)?.type === 'completed') return;
      if (!isGivenUp && events.length === 0 && starts < HOST_STARTS) {
        log.warn({ starts }, 'The job host ended before it began; see logs/go-agent-job-host.log');
        if (!(await clock.sleep(RESTART_PAUSE_MS * starts, signal))) return;
        continue;
      }
      return this.#conclude(startOf(events), silent, signal);
    }
  }

  /** Writes the end of a job that has no host any more. @param givenUp the host that was ended because it did not begin */
  async #conclude(
    started: JobStarted | undefined,
    givenUp: ProcessIdentity | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, bootId, self, log } = this.#deps;
    const { assignment } = this;
    const isGivenUp = givenUp !== undefined;
    const reason = describeLoss({ started, isGivenUp, bootId });
    log.error({ started, givenUp }, reason);
    if (started !== undefined) await endLeftovers(started, { bootId, clock, assignment });
    const result = self.state.kind === 'cancelled' ? 'Cancelled' : 'Failed';
    const journal = { folder: this.#folder, reader: this.#reader };
    // Only with the machine the last pages of the console are lost.
    const isOfThisBoot = isGivenUp || started?.bootId === bootId;
    const consoleAtServer = isOfThisBoot ? 0 : await this.#consoleAtServer(signal);
    await concludeJob({ ...journal, assignment, clock, result, reason, consoleAtServer });
    this.#bell.ring();
  }

  async #consoleAtServer(signal: AbortSignal): Promise<number> {
    const { console } = await readDelivered(this.#folder);
    const { work } = this.assignment;
    const { server } = this.#deps;
    const job = work.assignment.jobIdentifier;
    const ask = () => server.putConsole(job, console, new Uint8Array(), work.consoleLogCharset, signal);
    const answer = await this.#caller.call('Console', ask, signal);
    return answer.kind === 'done' ? (answer.value.offset ?? console) : console;
  }

  /** The job is over, or the host has been told to end it. A host that does not go is ended with all that it started. */
  async #endHost(untilGone: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const { clock, bootId, log } = this.#deps;
    const { assignment } = this;
    const patienceMs = assignment.graceMs + STOP_MARGIN_MS;
    try {
      await withDeadline(untilGone, patienceMs, clock);
    } catch {
      const started = startOf(await this.#reader.readEvents());
      log.warn({ host: started?.host }, `The job host did not end within ${patienceMs} ms; it is killed`);
      if (started === undefined || started.bootId !== bootId) return;
      if (isAlive(started.host)) process.kill(started.host.pid, 'SIGKILL');
      await endLeftovers(started, { bootId, clock, assignment });
    }
  }
}

function startOf(events: readonly JournalEvent[]): JobStarted | undefined {
  const [first] = events;
  return first?.type === 'started' ? first : undefined;
}
