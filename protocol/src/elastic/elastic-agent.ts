import { array, object, optional } from '../decode/compounds.ts';
import type { Decoder } from '../decode/decoder.ts';
import { boolean, integer, oneOf, string } from '../decode/scalars.ts';

export const ELASTIC_AGENT_STATES = ['idle', 'building', 'cancelled', 'missing', 'lost-contact'] as const;
export type ElasticAgentState = (typeof ELASTIC_AGENT_STATES)[number];

/** A registered elastic agent. */
export interface ElasticAgent {
  /** The id that the plugin gave out when it asked for the agent's key. */
  readonly agentId: string;
  readonly uuid: string;
  readonly clusterId: string;
  readonly profileId: string;
  readonly state: ElasticAgentState;
  /** A disabled agent gets no work; it is about to be stopped. */
  readonly enabled: boolean;
  readonly environments: readonly string[];
  readonly jobsDone: number;
  /** Epoch milliseconds; while it is idle. */
  readonly idleSince?: number;
  /** That it is working on. */
  readonly jobId?: number;
  /** For which it was started; absent if it was started beforehand. */
  readonly startedForJobId?: number;
}

export const elasticAgent: Decoder<ElasticAgent> = object<ElasticAgent>({
  agentId: string,
  uuid: string,
  clusterId: string,
  profileId: string,
  state: oneOf(ELASTIC_AGENT_STATES),
  enabled: boolean,
  environments: array(string),
  jobsDone: integer,
  idleSince: optional(integer),
  jobId: optional(integer),
  startedForJobId: optional(integer),
});
