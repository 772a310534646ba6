import { nameKey } from './names.ts';

interface Wish {
  readonly profileId: string;
  readonly environment?: string;
}

interface Offer extends Wish {
  readonly jobsGiven: number;
  readonly startedFor?: unknown;
}

/** Of the same profile, and in the same environment; one that was started for nobody joins that of its first job. */
export function fits(job: Wish, agent: Offer): boolean {
  if (job.profileId !== agent.profileId) return false;
  if (key(job.environment) === key(agent.environment)) return true;
  return agent.environment === undefined && agent.jobsGiven === 0 && agent.startedFor === undefined;
}

function key(environment: string | undefined): string | undefined {
  return environment === undefined ? undefined : nameKey(environment);
}
