// Tells of jobs that wait for an agent that there is not. Jobs for elastic agents have reasons of their plugins.

import { configStateOf, type LiveAgent } from '../core/agents/live-agent.ts';
import type { EventBus } from '../core.ts';
import type { JobRequirement } from '../domain/job-matching.ts';
import { jobLocator } from '../domain/locator.ts';
import { nameKey } from '../domain/names.ts';
import { type Candidate, noAgentReason } from '../domain/no-agent.ts';
import type { JobWaitView } from '../domain/views.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { SchedulerContext } from './scheduler-context.ts';

/** Agents that are being started, or come back after the server has, are given so long before anybody is told. */
const EVENT_AFTER_MS = 5000;
const HEALTH_AFTER_MS = 60_000;
const JOBS_SHOWN = 5;

type Parts = Pick<SchedulerContext, 'board' | 'registry' | 'health'>;

export class UnmetJobs {
  readonly #parts: Parts;
  readonly #events: Pick<EventBus, 'publish'>;
  #told: ReadonlyMap<number, string> = new Map();
  #reported: ReadonlySet<string> = new Set();

  constructor(parts: Parts, events: Pick<EventBus, 'publish'>) {
    this.#parts = parts;
    this.#events = events;
  }

  /** Holds the jobs against the agents as they are at the first one that waits: for one answer, however many jobs that has. */
  waits(): (jobId: number) => JobWaitView | undefined {
    let reasonOf: ReturnType<typeof reasons> | undefined;
    return (jobId) => {
      const job = this.#parts.board.byId(jobId);
      if (job?.view.state !== 'scheduled') return undefined;
      reasonOf ??= reasons(this.#candidates());
      return waitView(reasonOf(job.requirement));
    };
  }

  /** Asked every second or so. */
  look(): void {
    const { board } = this.#parts;
    const waited = board.waiting().filter(({ view }) => board.silentMs(view.jobId) >= EVENT_AFTER_MS);
    const reasonOf = waited.length === 0 ? () => undefined : reasons(this.#candidates());
    const unmet = waited.flatMap((job) => {
      const reason = reasonOf(job.requirement);
      return reason === undefined ? [] : [{ job, reason }];
    });
    for (const { job, reason } of unmet) {
      const wait = this.#told.get(job.view.jobId) === reason ? undefined : waitView(reason);
      if (wait !== undefined) this.#events.publish({ type: 'job-waiting', job: job.view, wait });
    }
    this.#told = new Map(unmet.map(({ job, reason }) => [job.view.jobId, reason]));
    this.#report(unmet.filter(({ job }) => board.silentMs(job.view.jobId) >= HEALTH_AFTER_MS));
  }

  /** One message for each reason, however many jobs wait for it. */
  #report(unmet: readonly { readonly job: JobRecord; readonly reason: string }[]): void {
    const { health } = this.#parts;
    const reported = new Set<string>();
    for (const [reason, found] of Map.groupBy(unmet, (one) => one.reason)) {
      const scope = `no-agent/${nameKey(reason)}`;
      const named = found.slice(0, JOBS_SHOWN).map(({ job }) => jobLocator(job.view));
      const more = found.length > JOBS_SHOWN ? ` and ${found.length - JOBS_SHOWN} more` : '';
      const detail = `${named.join(', ')}${more}. Give an agent what is asked for, or cancel what waits.`;
      health.report({ scope, level: 'warning', message: `Jobs wait for an agent. ${reason}`, detail });
      reported.add(scope);
    }
    for (const scope of this.#reported) if (!reported.has(scope)) health.clear(scope);
    this.#reported = reported;
  }

  #candidates(): Candidate[] {
    const { registry } = this.#parts;
    return registry.all().map((agent) => ({
      offer: registry.offer(agent),
      hostName: agent.record.hostName,
      state: stateOf(agent),
    }));
  }
}

/** Many jobs ask for the same: each requirement is held against the agents once. */
function reasons(candidates: readonly Candidate[]) {
  const known = new Map<string, string | undefined>();
  return (requirement: JobRequirement): string | undefined => {
    const key = JSON.stringify(requirement);
    if (!known.has(key)) known.set(key, noAgentReason(requirement, candidates));
    return known.get(key);
  };
}

function stateOf(agent: LiveAgent): Candidate['state'] {
  const configState = configStateOf(agent);
  if (configState !== 'enabled') return configState;
  return agent.runtime === 'missing' || agent.runtime === 'lost-contact' ? 'away' : 'available';
}

function waitView(reason: string | undefined): JobWaitView | undefined {
  return reason === undefined ? undefined : { action: 'no-agent', reason };
}
