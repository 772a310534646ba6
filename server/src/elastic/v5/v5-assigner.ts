// The RFC's one question, asked of a v5 plugin as GoCD asks: should-assign-work for pairs of agent and job, create-agent for jobs
// that nobody takes (reference: server-agents-jobs-elastic 3.3, 3.4, 4.2).

import {
  type AssignDecision,
  type AssignWorkParams,
  type CreateRegistrationKeyResult,
  decodeV5Flag,
  type ElasticAgent,
  type ElasticCluster,
  type ElasticJob,
  V5Method,
} from '@go-agent/protocol/elastic';
import type { Logger } from '@go-agent/runtime';
import { AppError, type Clock, describeError } from '@go-agent/runtime/core';
import type { KeyWish } from '../broker/key-desk.ts';
import type { CallLane } from '../plugin-host/call-lane.ts';
import type { Plugin } from '../plugin-host/plugin.ts';
import { askV5, askV5For } from './v5-calls.ts';
import { v5Agent, v5Job } from './v5-shapes.ts';

/** After which create-agent is sent again for a job that still waits (GoCD's jobStarvationTimeout). */
const STARVATION_MS = 120_000;
const QUICK_MS = 5000;
/** A pair that was refused is asked about again after this time, or when the agent has changed. */
const REFUSED_MS = 60_000;

export interface V5AssignerParts {
  readonly plugin: Plugin;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly creating: CallLane;
  createKey(wish: KeyWish): Promise<CreateRegistrationKeyResult>;
  /** The plugin makes no agent with this key: it is void. True: the job has no other. */
  revoke(key: string, why: string): Promise<boolean>;
}

/** Of a job that no agent takes. */
interface CreateDecision {
  readonly action: 'hold' | 'wait';
  readonly jobId: number;
  readonly reason: string;
  readonly askAgainMs: number;
}

/** What came of a job's last create-agent. */
interface Creation {
  /** When it was asked for, or when the plugin said that it is done. */
  at: number;
  pending: boolean;
  /** Why it is not known whether there will be an agent. */
  trouble?: string;
}

/** After a request that failed; doubles with each further failure over the same job, up to {@link STARVATION_MS}. */
const FAILED_MS = 10_000;

/** Of a job over which the plugin fails. */
interface Stumbling {
  readonly times: number;
  readonly at: number;
}

/** Codes of requests that never reached the plugin, and of those that it refused: there will be no agent. */
const NOT_MADE: ReadonlySet<string> = new Set(['plugin-unavailable', 'plugin-busy', 'plugin-error']);

export class V5Assigner {
  readonly #parts: V5AssignerParts;
  readonly #creations = new Map<number, Creation>();
  readonly #refused = new Map<string, number>();
  readonly #stumbling = new Map<number, Stumbling>();

  constructor(parts: V5AssignerParts) {
    this.#parts = parts;
  }

  async assignWork({ cluster, jobs, agents }: AssignWorkParams): Promise<AssignDecision[]> {
    const free = [...agents];
    const decisions: AssignDecision[] = [];
    this.#forgetOld();
    let silence: unknown;
    for (const job of jobs) {
      const { jobId } = job;
      if (silence !== undefined) {
        decisions.push({ action: 'decline', jobId, reason: describeError(silence) });
        continue;
      }
      const { agent, trouble } = await this.#takerOf(job, free, cluster);
      if (agent !== undefined) {
        free.splice(free.indexOf(agent), 1);
        this.#creations.delete(jobId);
        this.#stumbling.delete(jobId);
        decisions.push({ action: 'assign', jobId, agentId: agent.agentId });
      } else if (trouble === undefined) decisions.push(await this.#create(job, cluster));
      else if (isAnswer(trouble))
        // The agent may be another job's: that the plugin cannot say so keeps this one from none of its own.
        decisions.push(this.#stumbled(await this.#create(job, cluster), describeError(trouble)));
      else {
        decisions.push({ action: 'decline', jobId, reason: describeError(trouble) });
        // Each further job would wait as long for nothing, and so would all that is decided about this cluster.
        silence = trouble;
      }
    }
    return decisions;
  }

  /** That the plugin fails over one job and one agent is no reason for the others to wait. */
  async #takerOf(
    job: ElasticJob,
    free: readonly ElasticAgent[],
    cluster: ElasticCluster,
  ): Promise<{ readonly agent?: ElasticAgent; readonly trouble?: unknown }> {
    const { plugin, clock } = this.#parts;
    let trouble: unknown;
    for (const agent of free) {
      if (agent.profileId !== job.profile.id) continue;
      const pair = `${job.jobId} ${agent.agentId} ${agent.jobsDone}`;
      const refusedAt = this.#refused.get(pair);
      if (refusedAt !== undefined && clock.monotonic() - refusedAt < REFUSED_MS) continue;
      const body = {
        ...(job.environment === undefined ? {} : { environment: job.environment }),
        elastic_agent_profile_properties: job.profile.properties,
        cluster_profile_properties: cluster.properties,
        agent: v5Agent(agent),
        job_identifier: v5Job(job),
      };
      try {
        const options = { deadlineMs: QUICK_MS };
        if (await askV5For(plugin, V5Method.shouldAssignWork, body, decodeV5Flag, options)) return { agent };
        this.#refused.set(pair, clock.monotonic());
      } catch (error) {
        trouble ??= error;
        if (!isAnswer(error)) break;
      }
    }
    return trouble === undefined ? {} : { trouble };
  }

  async #create(job: ElasticJob, cluster: ElasticCluster): Promise<CreateDecision> {
    const { clock, createKey, logger } = this.#parts;
    const { jobId, profile } = job;
    const now = clock.monotonic();
    const last = this.#creations.get(jobId);
    // One that still goes on is not asked for again: the image may take long.
    const leftMs = last === undefined ? 0 : last.pending ? STARVATION_MS : last.at + STARVATION_MS - now;
    if (leftMs > 0) return { action: 'hold', jobId, reason: holding(last), askAgainMs: leftMs };
    const key = await createKey({ clusterId: cluster.id, profileId: profile.id, jobId });
    if (key.type === 'refused')
      return { action: 'wait', jobId, reason: key.reason, askAgainMs: key.askAgainMs };
    const creation: Creation = { at: now, pending: true };
    this.#creations.set(jobId, creation);
    this.#send(job, cluster, key.key, creation).catch((error: unknown) =>
      logger.error({ err: error, jobId }, 'The key of an agent that is not made could not be withdrawn'),
    );
    return { action: 'hold', jobId, reason: holding(creation), askAgainMs: STARVATION_MS };
  }

  /** Not waited for: GoCD's plugins answer when the image is pulled and the container started. */
  async #send(job: ElasticJob, cluster: ElasticCluster, key: string, creation: Creation): Promise<void> {
    const { plugin, clock, creating, revoke } = this.#parts;
    const body = {
      auto_register_key: key,
      elastic_agent_profile_properties: job.profile.properties,
      cluster_profile_properties: cluster.properties,
      ...(job.environment === undefined ? {} : { environment: job.environment }),
      job_identifier: v5Job(job),
    };
    const options = { deadlineMs: job.profile.policy.startTimeoutMs, lane: creating, isSlow: true };
    try {
      await askV5(plugin, V5Method.createAgent, body, options);
      creation.at = clock.monotonic();
    } catch (error) {
      creation.trouble = describeError(error);
      // Otherwise the agent may be on its way: its key stays good until start_timeout.
      const isMade = !(error instanceof AppError && NOT_MADE.has(error.code));
      if (!isMade && (await revoke(key, creation.trouble))) this.#forget(job.jobId, creation);
    } finally {
      creation.pending = false;
    }
  }

  /** It is asked again sooner than without the failure, but later each time. */
  #stumbled(decision: CreateDecision, why: string): AssignDecision {
    const { jobId } = decision;
    const { times } = this.#stumbling.get(jobId) ?? { times: 0 };
    this.#stumbling.set(jobId, { times: times + 1, at: this.#parts.clock.monotonic() });
    const askAgainMs = Math.min(FAILED_MS * 2 ** Math.min(times, 10), STARVATION_MS, decision.askAgainMs);
    return { ...decision, reason: `${why} ${decision.reason}`, askAgainMs };
  }

  #forget(jobId: number, creation: Creation): void {
    if (this.#creations.get(jobId) === creation) this.#creations.delete(jobId);
  }

  #forgetOld(): void {
    const now = this.#parts.clock.monotonic();
    for (const [pair, at] of this.#refused) if (now - at >= REFUSED_MS) this.#refused.delete(pair);
    for (const [jobId, { at, pending }] of this.#creations)
      if (!pending && now - at >= 2 * STARVATION_MS) this.#creations.delete(jobId);
    for (const [jobId, { at }] of this.#stumbling)
      if (now - at >= 2 * STARVATION_MS) this.#stumbling.delete(jobId);
  }
}

/** The plugin speaks to us, whatever it says. */
function isAnswer(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'plugin-error' || error.code === 'plugin-answer');
}

function holding(creation: Creation | undefined): string {
  const asked = 'The plugin was asked to create an agent for it (create-agent)';
  return creation?.trouble === undefined
    ? `${asked}.`
    : `${asked}; whether it does is not known: ${creation.trouble}`;
}
