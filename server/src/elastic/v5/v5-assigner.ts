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
import { type Clock, describeError } from '@go-agent/runtime/core';
import type { KeyWish } from '../broker/key-desk.ts';
import type { CallLane } from '../plugin-host/call-lane.ts';
import type { Plugin } from '../plugin-host/plugin.ts';
import { askV5, askV5For } from './v5-calls.ts';
import { v5Agent, v5Job } from './v5-shapes.ts';

/** After which create-agent is sent again for a job that still waits (GoCD's jobStarvationTimeout). */
const STARVATION_MS = 120_000;
const QUICK_MS = 5000;
const CREATE_MS = 60_000;
/** A pair that was refused is asked about again after this time, or when the agent has changed. */
const REFUSED_MS = 60_000;

export interface V5AssignerParts {
  readonly plugin: Plugin;
  readonly clock: Clock;
  readonly creating: CallLane;
  createKey(wish: KeyWish): Promise<CreateRegistrationKeyResult>;
  /** The plugin makes no agent for this job: its key is void. */
  revoke(jobId: number, why: string): Promise<void>;
}

export class V5Assigner {
  readonly #parts: V5AssignerParts;
  readonly #createdAt = new Map<number, number>();
  readonly #refused = new Map<string, number>();

  constructor(parts: V5AssignerParts) {
    this.#parts = parts;
  }

  async assignWork({ cluster, jobs, agents }: AssignWorkParams): Promise<AssignDecision[]> {
    const free = [...agents];
    const decisions: AssignDecision[] = [];
    this.#forgetOld();
    for (const job of jobs) {
      const agent = await this.#takerOf(job, free, cluster);
      if (agent === undefined) decisions.push(await this.#create(job, cluster));
      else {
        free.splice(free.indexOf(agent), 1);
        this.#createdAt.delete(job.jobId);
        decisions.push({ action: 'assign', jobId: job.jobId, agentId: agent.agentId });
      }
    }
    return decisions;
  }

  async #takerOf(
    job: ElasticJob,
    free: readonly ElasticAgent[],
    cluster: ElasticCluster,
  ): Promise<ElasticAgent | undefined> {
    const { plugin, clock } = this.#parts;
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
      if (await askV5For(plugin, V5Method.shouldAssignWork, body, decodeV5Flag, { deadlineMs: QUICK_MS }))
        return agent;
      this.#refused.set(pair, clock.monotonic());
    }
    return undefined;
  }

  async #create(job: ElasticJob, cluster: ElasticCluster): Promise<AssignDecision> {
    const { clock, createKey } = this.#parts;
    const { jobId, profile } = job;
    const last = this.#createdAt.get(jobId);
    const leftMs = last === undefined ? 0 : last + STARVATION_MS - clock.monotonic();
    const holding = 'The plugin was asked to create an agent for it (create-agent).';
    if (leftMs > 0) return { action: 'hold', jobId, reason: holding, askAgainMs: leftMs };
    const key = await createKey({ clusterId: cluster.id, profileId: profile.id, jobId });
    if (key.type === 'refused')
      return { action: 'wait', jobId, reason: key.reason, askAgainMs: key.askAgainMs };
    this.#createdAt.set(jobId, clock.monotonic());
    void this.#send(job, cluster, key.key);
    return { action: 'hold', jobId, reason: holding, askAgainMs: STARVATION_MS };
  }

  /** Not waited for: GoCD's plugins answer when the container is pulled and started. */
  async #send(job: ElasticJob, cluster: ElasticCluster, key: string): Promise<void> {
    const { plugin, creating, revoke } = this.#parts;
    const body = {
      auto_register_key: key,
      elastic_agent_profile_properties: job.profile.properties,
      cluster_profile_properties: cluster.properties,
      ...(job.environment === undefined ? {} : { environment: job.environment }),
      job_identifier: v5Job(job),
    };
    try {
      await askV5(plugin, V5Method.createAgent, body, { deadlineMs: CREATE_MS, lane: creating });
    } catch (error) {
      this.#createdAt.delete(job.jobId);
      await revoke(job.jobId, describeError(error));
    }
  }

  #forgetOld(): void {
    const now = this.#parts.clock.monotonic();
    for (const [pair, at] of this.#refused) if (now - at >= REFUSED_MS) this.#refused.delete(pair);
    for (const [jobId, at] of this.#createdAt)
      if (now - at >= 2 * STARVATION_MS) this.#createdAt.delete(jobId);
  }
}
