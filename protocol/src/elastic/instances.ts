// Agents as machines, containers or processes: making, ending and counting them.

import { array, object, optional, withDefault } from '../decode/compounds.ts';
import { decodeWith } from '../decode/decoder.ts';
import { integer, oneOf, string } from '../decode/scalars.ts';
import {
  type ElasticCluster,
  type ElasticProfile,
  elasticCluster,
  elasticProfile,
} from './elastic-cluster.ts';

/** Start agents for no job in particular, to have some warm (`minIdle`). Ask for a key for each, without a job. */
export interface StartAgentsParams {
  readonly cluster: ElasticCluster;
  readonly profile: ElasticProfile;
  readonly count: number;
}

export interface StartAgentsResult {
  /** May be fewer than were asked for, with a reason. */
  readonly agentIds: readonly string[];
  readonly reason?: string;
  /** Not to be asked again before; 1 s to 10 min. */
  readonly askAgainMs?: number;
}

export const decodeStartAgentsParams = decodeWith(
  object<StartAgentsParams>({ cluster: elasticCluster, profile: elasticProfile, count: integer }),
);

export const decodeStartAgentsResult = decodeWith(
  object<StartAgentsResult>({
    agentIds: withDefault(array(string), []),
    reason: optional(string),
    askAgainMs: optional(integer),
  }),
);

export const STOP_REASONS = [
  'jobs-done',
  'idle-timeout',
  'not-needed',
  'never-registered',
  'lost',
  'stuck',
  'disabled',
  'leftover',
  'operator',
] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/**
 * End this instance and all that belongs to it. The server has made sure that the agent has no job and gets none. Answered with
 * null when it is gone, or if there is none of that id; with an error if it could not be ended (then asked again). The cluster may
 * have the properties with which the agent was made, also if it has others now: where these point to, it is to be ended.
 */
export interface StopAgentParams {
  readonly cluster: ElasticCluster;
  readonly agentId: string;
  readonly reason: StopReason;
  /** For people. */
  readonly message: string;
}

export const decodeStopAgentParams = decodeWith(
  object<StopAgentParams>({
    cluster: elasticCluster,
    agentId: string,
    reason: oneOf(STOP_REASONS),
    message: string,
  }),
);

/**
 * What of this server's there is in these clusters, leftovers of crashes included. Asked at the start and every minute; about a
 * cluster as it was before its properties changed by a request of its own, while agents are left there.
 */
export interface ListInstancesParams {
  readonly clusters: readonly ElasticCluster[];
}

export const INSTANCE_STATES = ['starting', 'running', 'ended'] as const;

export interface ElasticInstance {
  readonly agentId: string;
  readonly clusterId: string;
  /** `ended`: it still takes room, but no agent runs in it any more. */
  readonly state: (typeof INSTANCE_STATES)[number];
  /** Epoch milliseconds. */
  readonly startedAt?: number;
}

/**
 * Only clusters that could be looked at; one that is out of reach must not be named in `clusterIds`: what is not listed in a named
 * cluster is taken to be gone.
 */
export interface ListInstancesResult {
  readonly clusterIds: readonly string[];
  readonly instances: readonly ElasticInstance[];
}

export const decodeListInstancesParams = decodeWith(
  object<ListInstancesParams>({ clusters: array(elasticCluster) }),
);

export const decodeListInstancesResult = decodeWith(
  object<ListInstancesResult>({
    clusterIds: array(string),
    instances: array(
      object<ElasticInstance>({
        agentId: string,
        clusterId: string,
        state: oneOf(INSTANCE_STATES),
        startedAt: optional(integer),
      }),
    ),
  }),
);
