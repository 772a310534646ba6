import { object, optional, record } from '../decode/compounds.ts';
import type { Decoder } from '../decode/decoder.ts';
import { integer, string } from '../decode/scalars.ts';

/** Values are texts in clear; absent ones are left out. */
export type ElasticProperties = Readonly<Record<string, string>>;

export const elasticProperties: Decoder<ElasticProperties> = record(string);

/** A cluster profile, as a plugin gets it: where agents are made. */
export interface ElasticCluster {
  readonly id: string;
  readonly properties: ElasticProperties;
}

/** What the server itself enforces for the agents of a profile. */
export interface ElasticPolicy {
  /** An agent is retired after so many jobs. At least 1. */
  readonly jobsPerAgent: number;
  /** Milliseconds; longer idle and an agent above `minIdle` is retired. */
  readonly idleTimeoutMs: number;
  /** So many idle agents are kept ready. */
  readonly minIdle: number;
  /** At most so many at a time, those that are starting included; absent: no limit. */
  readonly maxAgents?: number;
  /** Milliseconds; a job that waits longer fails. Absent: it may wait for ever. */
  readonly queueTimeoutMs?: number;
  /** A job that has been taken back from so many agents fails. Absent: it is scheduled again and again. */
  readonly maxAttempts?: number;
  /** Milliseconds from its key to its registration; an agent that takes longer is given up. */
  readonly startTimeoutMs: number;
}

/** An elastic agent profile, as a plugin gets it: what agents are made. */
export interface ElasticProfile {
  readonly id: string;
  readonly properties: ElasticProperties;
  readonly policy: ElasticPolicy;
}

export const elasticCluster: Decoder<ElasticCluster> = object<ElasticCluster>({
  id: string,
  properties: elasticProperties,
});

const elasticPolicy: Decoder<ElasticPolicy> = object<ElasticPolicy>({
  jobsPerAgent: integer,
  idleTimeoutMs: integer,
  minIdle: integer,
  maxAgents: optional(integer),
  queueTimeoutMs: optional(integer),
  maxAttempts: optional(integer),
  startTimeoutMs: integer,
});

export const elasticProfile: Decoder<ElasticProfile> = object<ElasticProfile>({
  id: string,
  properties: elasticProperties,
  policy: elasticPolicy,
});
