// Which agent may run which job. Reference: server-config-api 2.7, server-agents-jobs-elastic 2.5.

import { nameKey } from './names.ts';

export interface JobRequirement {
  readonly resources: readonly string[];
  /** The environment of the job's pipeline, if it is in one. */
  readonly environment?: string;
  /** Such a job is for elastic agents only. */
  readonly elasticProfileId?: string;
  /** Such a job is for this agent only, whatever its resources. */
  readonly pinnedAgentUuid?: string;
}

export interface AgentOffer {
  readonly uuid: string;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
  readonly elastic: boolean;
}

export function canRun(job: JobRequirement, agent: AgentOffer): boolean {
  if (!sharesEnvironment(job, agent)) return false;
  if (job.pinnedAgentUuid !== undefined) return job.pinnedAgentUuid === agent.uuid;
  if (agent.elastic || job.elasticProfileId !== undefined) return false;
  const offered = new Set(agent.resources.map(nameKey));
  return job.resources.every((resource) => offered.has(nameKey(resource)));
}

/** An agent inside any environment never runs jobs of pipelines without one, and the reverse. */
export function sharesEnvironment(job: JobRequirement, agent: AgentOffer): boolean {
  if (job.environment === undefined) return agent.environments.length === 0;
  const wanted = nameKey(job.environment);
  return agent.environments.some((environment) => nameKey(environment) === wanted);
}
