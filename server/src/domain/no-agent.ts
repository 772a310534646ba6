// Why no agent takes a job that is not for elastic agents. Without a reason it only waits for its turn.

import { type AgentOffer, canRun, type JobRequirement, sharesEnvironment } from './job-matching.ts';
import { nameKey } from './names.ts';

/** A registered agent. `disabled` and `away` (lost, or not heard of since the server started) ones get no jobs. */
export interface Candidate {
  readonly offer: AgentOffer;
  readonly hostName: string;
  readonly state: 'available' | 'disabled' | 'away' | 'pending';
}

const NAMED = 3;

/** Undefined: there is an agent for it, or its plugin says. */
export function noAgentReason(job: JobRequirement, candidates: readonly Candidate[]): string | undefined {
  if (job.elasticProfileId !== undefined) return undefined;
  const fixed = candidates.filter(({ offer }) => !offer.elastic);
  const fitting = fixed.filter(({ offer }) => canRun(job, offer));
  if (fitting.some(({ state }) => state === 'available')) return undefined;
  if (fitting.length > 0) return awayReason(fitting);
  const near = fixed.filter(({ offer }) => sharesEnvironment(job, offer));
  if (near.length > 0) return resourceReason(job, near);
  if (fixed.length === 0) return 'There is no agent: none has registered yet.';
  return job.environment === undefined
    ? 'All agents are in environments, and these take no jobs of pipelines that are in none.'
    : `No agent is in environment '${job.environment}'.`;
}

function awayReason(fitting: readonly Candidate[]): string {
  const named = fitting.slice(0, NAMED).map(({ hostName, state }) => `${hostName} (${WORDS[state]})`);
  const more = fitting.length > NAMED ? ` and ${fitting.length - NAMED} more` : '';
  return `No agent that could run it is available: ${named.join(', ')}${more}.`;
}

const WORDS = {
  available: 'available',
  disabled: 'disabled',
  away: 'not connected',
  pending: 'not approved yet',
} as const;

function resourceReason({ resources, environment }: JobRequirement, near: readonly Candidate[]): string {
  const where = environment === undefined ? '' : ` in environment '${environment}'`;
  const offered = new Set(near.flatMap(({ offer }) => offer.resources.map(nameKey)));
  const missing = resources.filter((resource) => !offered.has(nameKey(resource)));
  if (missing.length > 0) return `No agent${where} has the resource${list(missing)}.`;
  return `No agent${where} has all of the resource${list(resources)}.`;
}

function list(resources: readonly string[]): string {
  return `${resources.length === 1 ? '' : 's'} ${resources.map((resource) => `'${resource}'`).join(', ')}`;
}
