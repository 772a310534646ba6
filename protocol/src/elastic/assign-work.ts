import { array, object, optional, tagged, withDefault } from '../decode/compounds.ts';
import { type Decoder, decodeWith } from '../decode/decoder.ts';
import { boolean, integer, oneOf, string } from '../decode/scalars.ts';
import { type ElasticAgent, elasticAgent } from './elastic-agent.ts';
import { type ElasticCluster, elasticCluster } from './elastic-cluster.ts';
import { type ElasticJob, elasticJob } from './elastic-job.ts';

/** Jobs that wait for agents of one cluster, and all agents of it that could be given one now. */
export interface AssignWorkParams {
  readonly cluster: ElasticCluster;
  /** Oldest first. Those whose time to be asked again has come; at most 100. */
  readonly jobs: readonly ElasticJob[];
  /** Enabled, idle, asking for work, with jobs left by their profile's policy. */
  readonly agents: readonly ElasticAgent[];
  /** All jobs that wait for this cluster, these included. */
  readonly waitingCount: number;
  /** Agents that have a key and have not registered yet. */
  readonly startingCount: number;
}

/** The fields of a decision beside `assign`: why, for people, and when to ask again at the latest (1 s to 10 min; default 30 s). */
interface Later {
  readonly jobId: number;
  readonly reason: string;
  readonly askAgainMs?: number;
}

export type AssignDecision =
  /** This agent is to have the job. Dropped without harm if either is taken meanwhile. */
  | { readonly action: 'assign'; readonly jobId: number; readonly agentId: string; readonly reason?: string }
  /** An agent is being started for it. */
  | ({ readonly action: 'hold'; readonly agentId?: string } & Later)
  /** It has to wait until an agent is free, or until there is room for another. */
  | ({ readonly action: 'wait' } & Later)
  /** It cannot run here. With `permanent` it fails with the reason; else it is asked again, with growing patience. */
  | ({ readonly action: 'decline'; readonly permanent?: boolean } & Later);

/** A job without a decision waits, and is said to have been passed over. */
export interface AssignWorkResult {
  readonly decisions: readonly AssignDecision[];
}

type Of<A extends AssignDecision['action']> = Extract<AssignDecision, { readonly action: A }>;

const later = { jobId: integer, reason: string, askAgainMs: optional(integer) };

const decision: Decoder<AssignDecision> = tagged<AssignDecision>('action', {
  assign: object<Of<'assign'>>({
    action: oneOf(['assign']),
    jobId: integer,
    agentId: string,
    reason: optional(string),
  }),
  hold: object<Of<'hold'>>({ action: oneOf(['hold']), agentId: optional(string), ...later }),
  wait: object<Of<'wait'>>({ action: oneOf(['wait']), ...later }),
  decline: object<Of<'decline'>>({ action: oneOf(['decline']), permanent: optional(boolean), ...later }),
});

export const decodeAssignWorkParams = decodeWith(
  object<AssignWorkParams>({
    cluster: elasticCluster,
    jobs: array(elasticJob),
    agents: array(elasticAgent),
    waitingCount: integer,
    startingCount: integer,
  }),
);

export const decodeAssignWorkResult = decodeWith(
  object<AssignWorkResult>({ decisions: withDefault(array(decision), []) }),
);
