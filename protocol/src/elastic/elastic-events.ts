// What a plugin is told at once. Each is answered with null; they come in the order in which they happened.

import { array, object, optional } from '../decode/compounds.ts';
import { decodeWith } from '../decode/decoder.ts';
import { integer, oneOf, string } from '../decode/scalars.ts';
import { type ElasticCluster, elasticCluster } from './elastic-cluster.ts';
import { type ElasticJob, elasticJob } from './elastic-job.ts';

export const ELASTIC_JOB_RESULTS = ['passed', 'failed', 'cancelled', 'unknown'] as const;
export type ElasticJobResult = (typeof ELASTIC_JOB_RESULTS)[number];

export interface JobFinishedParams {
  readonly clusterId: string;
  readonly job: ElasticJob;
  /** That had it. Absent: it has failed while it waited for one. */
  readonly agentId?: string;
  readonly result: ElasticJobResult;
  /** Epoch milliseconds. */
  readonly assignedAt?: number;
  readonly finishedAt: number;
}

/** In any phase. A running job's agent is being told; `job-finished` with `cancelled` follows when it has stopped. */
export interface JobCancelledParams {
  readonly clusterId: string;
  readonly job: ElasticJob;
  readonly phase: 'waiting' | 'running';
  /** That has it, or that was started for it. */
  readonly agentId?: string;
  readonly reason: string;
}

/** The job was taken from its agent and waits again, under another id. */
export interface JobRescheduledParams {
  readonly clusterId: string;
  readonly job: ElasticJob;
  readonly newJobId: number;
  readonly agentId?: string;
  readonly reason: string;
}

export const AGENT_EVENTS = [
  'registered',
  'registration-failed',
  'idle',
  'building',
  'lost',
  'gone',
] as const;
export type AgentEventKind = (typeof AGENT_EVENTS)[number];

export interface AgentEventParams {
  readonly clusterId: string;
  readonly agentId: string;
  readonly event: AgentEventKind;
  readonly reason?: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface ProfileLoad {
  readonly profileId: string;
  readonly waiting: number;
  readonly starting: number;
  readonly idle: number;
  readonly building: number;
}

/** Every minute: how things are in all clusters of the plugin. */
export interface TickParams {
  readonly clusters: readonly { readonly cluster: ElasticCluster; readonly load: readonly ProfileLoad[] }[];
  /** Milliseconds since a job for this plugin was last scheduled; absent: none since the server started. */
  readonly quietMs?: number;
}

export const decodeJobFinishedParams = decodeWith(
  object<JobFinishedParams>({
    clusterId: string,
    job: elasticJob,
    agentId: optional(string),
    result: oneOf(ELASTIC_JOB_RESULTS),
    assignedAt: optional(integer),
    finishedAt: integer,
  }),
);

export const decodeJobCancelledParams = decodeWith(
  object<JobCancelledParams>({
    clusterId: string,
    job: elasticJob,
    phase: oneOf(['waiting', 'running']),
    agentId: optional(string),
    reason: string,
  }),
);

export const decodeJobRescheduledParams = decodeWith(
  object<JobRescheduledParams>({
    clusterId: string,
    job: elasticJob,
    newJobId: integer,
    agentId: optional(string),
    reason: string,
  }),
);

export const decodeAgentEventParams = decodeWith(
  object<AgentEventParams>({
    clusterId: string,
    agentId: string,
    event: oneOf(AGENT_EVENTS),
    reason: optional(string),
    at: integer,
  }),
);

export const decodeTickParams = decodeWith(
  object<TickParams>({
    clusters: array(
      object<TickParams['clusters'][number]>({
        cluster: elasticCluster,
        load: array(
          object<ProfileLoad>({
            profileId: string,
            waiting: integer,
            starting: integer,
            idle: integer,
            building: integer,
          }),
        ),
      }),
    ),
    quietMs: optional(integer),
  }),
);
