// Brings waiting jobs and asking agents together. A held request is answered in the turn in which its job is scheduled.

import type { AgentRuntimeInfo, Work } from '@go-agent/protocol';
import { AppError, describeError } from '@go-agent/runtime/core';
import type { Hold } from '../core.ts';
import { buildWork } from '../domain/build-work.ts';
import { type AgentOffer, canRun } from '../domain/job-matching.ts';
import type { JobPlan } from '../domain/job-plan.ts';
import type { WorkRevision } from '../domain/material-environment.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import { advanceJob } from './advance-job.ts';
import { ElasticGrants } from './elastic-grants.ts';
import type { SchedulerContext } from './scheduler-context.ts';

/** Codes of errors that the same job would meet again. */
const JOB_FAULTS = new Set(['secret-unreadable', 'job-plan']);

const NO_WORK: Work = { type: 'NoWork' };

interface HeldRequest {
  readonly uuid: string;
  /** Renewed at each turn. */
  wake: AbortController;
  ended: boolean;
}

export class Assigner {
  /** Elastic agents get what their plugin has chosen for them, and nothing else. */
  readonly grants: ElasticGrants;
  readonly #context: SchedulerContext;
  readonly #held = new Map<string, HeldRequest>();
  /** Jobs that somebody is about to be given. */
  readonly #claimed = new Set<number>();

  constructor(context: SchedulerContext) {
    this.#context = context;
    this.grants = new ElasticGrants(context.clock);
  }

  async work(info: AgentRuntimeInfo, hold: Hold): Promise<Work> {
    const { registry, board, clock } = this.#context;
    const { uuid } = info.identifier;
    registry.heard(info);
    const abandoned = board.onAgent(uuid);
    if (abandoned !== undefined) await this.#reschedule(abandoned, 'its agent asks for other work');
    const request = this.#begin(uuid);
    const isElastic = registry.get(uuid)?.record.elastic !== undefined;
    if (isElastic) this.grants.asks(uuid);
    let got: Work | undefined;
    const until = clock.monotonic() + hold.waitMs;
    try {
      for (;;) {
        request.wake = new AbortController();
        got = await this.#answer(uuid, hold.signal);
        if (got !== undefined) return got;
        const left = until - clock.monotonic();
        if (left <= 0 || request.ended || hold.signal.aborted) return NO_WORK;
        await clock.sleep(left, AbortSignal.any([hold.signal, request.wake.signal]));
      }
    } finally {
      if (this.#held.get(uuid) === request) {
        this.#held.delete(uuid);
        if (isElastic) this.grants.stopsAsking(uuid, got !== undefined);
      }
      // It may have been woken for a job that it no longer takes.
      if (request.wake.signal.aborted) this.offerAll();
    }
  }

  /** Wakes the first held request whose agent can run this job. */
  offer(job: JobRecord): void {
    const { registry } = this.#context;
    for (const request of this.#held.values()) {
      if (request.wake.signal.aborted) continue;
      const agent = registry.get(request.uuid);
      if (agent === undefined || agent.record.disabled || !canRun(job.requirement, registry.offer(agent)))
        continue;
      request.wake.abort();
      return;
    }
  }

  offerAll(): void {
    if (this.#held.size === 0) return;
    for (const job of this.#context.board.waiting()) if (!this.#claimed.has(job.view.jobId)) this.offer(job);
  }

  /** The agent's own settings have changed: it may fit another job now, or none. */
  reconsider(uuid: string): void {
    this.#held.get(uuid)?.wake.abort();
  }

  /** The environments of agents may have changed. */
  reconsiderAll(): void {
    for (const request of this.#held.values()) request.wake.abort();
  }

  releaseAll(): void {
    for (const request of this.#held.values()) {
      request.ended = true;
      request.wake.abort();
    }
  }

  #begin(uuid: string): HeldRequest {
    const before = this.#held.get(uuid);
    if (before !== undefined) {
      before.ended = true;
      before.wake.abort();
    }
    const request = { uuid, wake: new AbortController(), ended: false };
    this.#held.delete(uuid);
    this.#held.set(uuid, request);
    return request;
  }

  /** Undefined: nothing (yet). */
  async #answer(uuid: string, signal: AbortSignal): Promise<Work | undefined> {
    const { registry, board } = this.#context;
    for (;;) {
      const agent = registry.get(uuid);
      if (agent === undefined || agent.pending) {
        const message = `Invalid agent: the UUID[${uuid}] held by this agent is not registered`;
        return { type: 'UnregisteredAgentWork', message, uuid };
      }
      if (agent.record.disabled) return { type: 'DeniedAgentWork', uuid };
      const offer = registry.offer(agent);
      const job = offer.elastic ? this.#granted(uuid) : this.#firstFor(offer);
      if (job === undefined || signal.aborted) return undefined;
      const work = await this.#claim(job, uuid, offer.resources, signal);
      if (work !== undefined) return work;
      if (offer.elastic) this.grants.broken(uuid);
      // Lost to somebody else: on to the next. Still waiting: it is the agent that cannot have it.
      if (board.byId(job.view.jobId)?.view.state === 'scheduled') return undefined;
    }
  }

  #firstFor(offer: AgentOffer): JobRecord | undefined {
    return this.#context.board
      .waiting()
      .find(({ requirement, view }) => !this.#claimed.has(view.jobId) && canRun(requirement, offer));
  }

  #granted(uuid: string): JobRecord | undefined {
    const jobId = this.grants.take(uuid);
    const job = jobId === undefined ? undefined : this.#context.board.byId(jobId);
    if (job?.view.state === 'scheduled' && !this.#claimed.has(job.view.jobId)) return job;
    this.grants.settled(uuid);
    if (jobId !== undefined) this.grants.broken(uuid);
    return undefined;
  }

  async #claim(
    job: JobRecord,
    uuid: string,
    resources: readonly string[],
    signal: AbortSignal,
  ): Promise<Work | undefined> {
    const { jobId } = job.view;
    this.#claimed.add(jobId);
    try {
      const work = await this.#assign(jobId, uuid, resources);
      if (work === undefined) return undefined;
      this.#context.registry.apply(uuid, 'job-assigned');
      if (!signal.aborted) return work;
      const assigned = this.#context.board.byId(jobId);
      if (assigned !== undefined)
        await this.#reschedule(assigned, 'its agent was gone before the job reached it');
      return undefined;
    } catch (error) {
      // What else goes wrong (a full disk, say) is not the job's fault: it goes on waiting.
      if (!(error instanceof AppError && JOB_FAULTS.has(error.code))) throw error;
      await this.#fail(job, error);
      return undefined;
    } finally {
      this.#claimed.delete(jobId);
      this.grants.settled(uuid);
    }
  }

  /** One transaction: of two that want the job, or of two jobs for one agent, one wins. */
  #assign(jobId: number, uuid: string, agentResources: readonly string[]): Promise<Work | undefined> {
    const { writer, clock, secrets, registry } = this.#context;
    return writer.run(async (repositories, changes) => {
      if (!(await repositories.jobs.assign(jobId, uuid, clock.now()))) return undefined;
      const record = await repositories.jobs.byId(jobId);
      const plan = await repositories.jobs.plan(jobId);
      const isElastic = registry.get(uuid)?.record.elastic !== undefined;
      if (isElastic) await repositories.elasticAgents.noteJob(uuid);
      if (record === undefined || plan === undefined)
        throw new AppError('job-plan', `Job ${jobId} has no plan in the database`);
      const revisions = await loadRevisions(repositories, plan);
      const open = (sealed: string) => secrets.open(sealed);
      const work = buildWork({ job: record.view, plan, revisions, agentResources, open });
      changes.job(record);
      return work;
    });
  }

  /** A job that cannot be given to anybody must not stand in the way of the others. */
  async #fail(job: JobRecord, error: unknown): Promise<void> {
    const { writer, clock, health, logger, files } = this.#context;
    const { jobId, pipeline, counter, stage, job: name } = job.view;
    logger.error({ err: error, jobId }, 'A job cannot be assigned and fails');
    health.reportFor(3_600_000, {
      scope: `job/${jobId}`,
      level: 'error',
      message: `Job ${pipeline}/${counter}/${stage}/${name} failed before it was assigned`,
      detail: describeError(error),
    });
    const failed = await writer.run((repositories, changes) =>
      advanceJob(this.#context, repositories, changes, { jobId, event: { type: 'failed' }, at: clock.now() }),
    );
    if (failed !== undefined) await files.seal(failed.view);
  }

  async #reschedule(job: JobRecord, why: string): Promise<void> {
    const { writer, clock, logger } = this.#context;
    const { jobId } = job.view;
    logger.warn({ jobId, agent: job.view.agentUuid }, `A job is scheduled again: ${why}`);
    await writer.run((repositories, changes) =>
      advanceJob(this.#context, repositories, changes, {
        jobId,
        event: { type: 'rescheduled' },
        at: clock.now(),
      }),
    );
  }
}

async function loadRevisions({ modifications }: Repositories, plan: JobPlan): Promise<WorkRevision[]> {
  const revisions: WorkRevision[] = [];
  for (const { material, fromId, toId, changed } of plan.revisions) {
    const [newest, ...older] = await modifications.between(material.fingerprint, fromId, toId);
    if (newest === undefined)
      throw new AppError('job-plan', `The modifications of ${material.fingerprint} are not in the database`);
    revisions.push({ material, modifications: [newest, ...older], changed });
  }
  return revisions;
}
