import type { ElasticAgent, ElasticJob } from '@go-agent/protocol/elastic';

/** Of an agent, or of one on its way, what decides about the jobs that it may have. */
export interface Offer {
  readonly profileId: string;
  readonly environments: readonly string[];
  /** Started for no job, had none yet, is in no environment: it joins that of its first one. */
  readonly isWarm: boolean;
}

/** The same that the server has: a job of an environment takes agents of that environment, any other those of none. */
export function fits({ profile, environment }: ElasticJob, offer: Offer): boolean {
  if (profile.id !== offer.profileId) return false;
  if (environment === undefined) return offer.environments.length === 0;
  return offer.isWarm || offer.environments.some((each) => each.toLowerCase() === environment.toLowerCase());
}

export function offerOf({ profileId, environments, startedForJobId, jobsDone }: ElasticAgent): Offer {
  const isWarm = startedForJobId === undefined && jobsDone === 0 && environments.length === 0;
  return { profileId, environments, isWarm };
}
