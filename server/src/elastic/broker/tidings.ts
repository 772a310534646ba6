// What happens to jobs and agents, as news for their plugins. Told at once, never waited for.

import type { AgentEventKind, ElasticJob } from '@go-agent/protocol/elastic';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { ElasticProvider, ProviderEvent } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { jobOf, profileOf } from './elastic-shapes.ts';
import { JobHomes } from './job-homes.ts';

export class Tidings {
  readonly #context: BrokerContext;
  readonly #homes: JobHomes;
  /** Jobs that were cancelled while their agents, by uuid, still end them. */
  readonly #ending = new Map<string, JobRecord>();
  /** Jobs that were taken back; their copies come in the same commit. */
  readonly #takenBack = new Map<string, JobRecord>();
  /** What was last told of each agent. */
  readonly #told = new Map<number, AgentEventKind>();

  constructor(context: BrokerContext) {
    this.#context = context;
    this.#homes = new JobHomes(context);
  }

  /**
   * After a start, with the last job of each agent: one that was cancelled may not have been ended when the server stopped. Its plugin
   * hears of its end again, rather than never.
   */
  restore(jobs: readonly JobRecord[]): void {
    for (const job of jobs) {
      const { state, result, agentUuid } = job.view;
      const isOpen = state === 'completed' && result === 'cancelled' && !wasReported(job);
      if (agentUuid !== undefined && isOpen) this.#ending.set(agentUuid, job);
    }
  }

  /** After each commit, in order. */
  job(job: JobRecord): void {
    const { state, result, agentUuid } = job.view;
    this.#homes.of(job);
    if (state === 'scheduled') this.#copied(job);
    if (state === 'rescheduled') this.#takenBack.set(placeOf(job), job);
    if (state !== 'completed') return;
    if (result !== 'cancelled' || wasReported(job)) this.#finished(job);
    else if (agentUuid === undefined) this.#cancelled(job, 'waiting');
    else {
      this.#cancelled(job, 'running');
      this.#ending.set(agentUuid, job);
    }
  }

  /** What the server believes of this agent may have changed. */
  live(uuid: string): void {
    const { fleet, scheduler } = this.#context;
    const agent = fleet.byUuid(uuid);
    const runtime = scheduler.registry.get(uuid)?.runtime;
    if (agent === undefined || runtime === undefined) return;
    const ended = this.#ending.get(uuid);
    if (ended !== undefined && (runtime === 'idle' || runtime === 'lost-contact')) {
      this.#ending.delete(uuid);
      this.#finished(ended);
    }
    if (runtime === 'lost-contact') this.agent(agent, 'lost');
    else if (scheduler.board.onAgent(uuid) !== undefined) this.agent(agent, 'building');
    else if (runtime === 'idle') this.agent(agent, 'idle');
  }

  /** The same thing is told once. */
  agent(agent: ElasticAgentRecord, event: AgentEventKind, reason?: string): void {
    const { id, agentId, clusterId, pluginId } = agent;
    if (agentId === undefined || (this.#told.get(id) === event && event !== 'registration-failed')) return;
    if (event === 'gone') this.#told.delete(id);
    else this.#told.set(id, event);
    const at = this.#context.scheduler.clock.now();
    this.#tell(pluginId, {
      type: 'agent-event',
      params: { clusterId, agentId, event, at, ...(reason === undefined ? {} : { reason }) },
    });
  }

  #finished(job: JobRecord): void {
    const { transitions, result, agentUuid, elasticAgent } = job.view;
    const agentId = agentUuid === undefined ? undefined : (this.#agentId(agentUuid) ?? elasticAgent?.agentId);
    // Of an agent that is none of ours.
    if (agentUuid !== undefined && agentId === undefined) return;
    const cluster = agentUuid === undefined ? undefined : this.#homes.clusterOfAgent(agentUuid);
    const assignedAt = transitions.find(({ state }) => state === 'assigned')?.at;
    const finishedAt = transitions.at(-1)?.at ?? this.#context.scheduler.clock.now();
    this.#about(job, (clusterId, told) => ({
      type: 'job-finished',
      params: {
        clusterId,
        job: told,
        ...(agentId === undefined ? {} : { agentId }),
        result,
        ...(assignedAt === undefined ? {} : { assignedAt }),
        finishedAt,
      },
      ...(cluster === undefined ? {} : { cluster }),
    }));
  }

  #cancelled(job: JobRecord, phase: 'waiting' | 'running'): void {
    const { jobId, agentUuid } = job.view;
    const { fleet } = this.#context;
    const agentId =
      agentUuid === undefined
        ? fleet.all().find((agent) => agent.jobId === jobId && agent.agentId !== undefined)?.agentId
        : this.#agentId(agentUuid);
    this.#about(job, (clusterId, told) => ({
      type: 'job-cancelled',
      params: {
        clusterId,
        job: told,
        phase,
        ...(agentId === undefined ? {} : { agentId }),
        reason: phase === 'waiting' ? 'Cancelled before an agent had it.' : 'Cancelled while it was running.',
      },
    }));
  }

  #copied(copy: JobRecord): void {
    const old = this.#takenBack.get(placeOf(copy));
    if (old === undefined) return;
    this.#takenBack.delete(placeOf(copy));
    const { agentUuid } = old.view;
    const agentId = agentUuid === undefined ? undefined : this.#agentId(agentUuid);
    this.#about(old, (clusterId, told) => ({
      type: 'job-rescheduled',
      params: {
        clusterId,
        job: told,
        newJobId: copy.view.jobId,
        ...(agentId === undefined ? {} : { agentId }),
        reason: 'Its agent is lost, or does not work on it any more.',
      },
    }));
  }

  #agentId(uuid: string): string | undefined {
    return this.#context.fleet.byUuid(uuid)?.agentId;
  }

  #about(job: JobRecord, make: (clusterId: string, told: ElasticJob) => ProviderEvent): void {
    const { scheduler } = this.#context;
    const home = this.#homes.of(job);
    if (home === undefined) return;
    const { cluster, profile } = home;
    try {
      this.#tell(cluster.pluginId, make(cluster.id, jobOf(job, profileOf(profile, scheduler.secrets))));
    } catch (error) {
      scheduler.logger.warn({ err: error, profile: profile.id }, 'A plugin was not told of a job');
    }
  }

  #tell(pluginId: string, event: ProviderEvent): void {
    const provider: ElasticProvider | undefined = this.#context.providers.provider(pluginId);
    provider?.tell(event);
  }
}

/** Its agent has said that it is at its end. */
function wasReported({ view }: JobRecord): boolean {
  return view.transitions.at(-2)?.state === 'completing';
}

function placeOf({ stageId, view }: JobRecord): string {
  return `${stageId}/${view.job}`;
}
