// Where elastic agents are made (cluster profiles) and which (elastic agent profiles). Reference: server-agents-jobs-elastic 3.1.

/** A value that is sealed if `secure`. */
export interface ElasticProperty {
  readonly key: string;
  readonly value: string;
  readonly secure: boolean;
}

export interface ClusterProfile {
  readonly id: string;
  readonly pluginId: string;
  readonly properties: readonly ElasticProperty[];
  /** Of two clusters that claim a resource, that of the higher one has it. */
  readonly priority: number;
}

/** What the server enforces, whatever the plugin does. */
export interface ElasticAgentPolicy {
  readonly jobsPerAgent: number;
  readonly idleTimeoutMs: number;
  readonly minIdle: number;
  /** Absent: no limit. */
  readonly maxAgents?: number;
  /** Absent: a job may wait for ever. */
  readonly queueTimeoutMs?: number;
  /** Agents that a job may have been given to; absent: as many as it takes. */
  readonly maxAttempts?: number;
  readonly startTimeoutMs: number;
}

export interface ElasticAgentProfile {
  readonly id: string;
  readonly clusterProfileId: string;
  readonly properties: readonly ElasticProperty[];
  readonly policy: ElasticAgentPolicy;
  /** A job without a profile that asks for one of these resources runs on agents of this profile. */
  readonly claims: readonly string[];
}

export const DEFAULT_POLICY: ElasticAgentPolicy = {
  jobsPerAgent: 1,
  idleTimeoutMs: 60_000,
  minIdle: 0,
  startTimeoutMs: 600_000,
};

/** GoCD's rule for ids of profiles and clusters. */
const PROFILE_ID = /^[\w-][\w.-]{0,254}$/;

export function profileIdProblem(what: string, id: string): string | undefined {
  return PROFILE_ID.test(id)
    ? undefined
    : `Invalid ${what} id '${id}'. This must be alphanumeric and can contain hyphens, underscores and periods (however, it cannot start with a period). The maximum allowed length is 255 characters.`;
}

export function policyProblem(policy: ElasticAgentPolicy): string | undefined {
  const { jobsPerAgent, minIdle, maxAgents } = policy;
  if (jobsPerAgent < 1) return 'jobs_per_agent must be at least 1.';
  if (maxAgents !== undefined && maxAgents < 1) return 'max_agents must be at least 1.';
  if (maxAgents !== undefined && minIdle > maxAgents)
    return `min_idle (${minIdle}) is more than max_agents (${maxAgents}).`;
  return undefined;
}
