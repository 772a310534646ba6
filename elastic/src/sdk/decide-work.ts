// The default answer to assign-work: pure, from what the server and the kit know at this moment.
import type { AssignDecision, ElasticAgent, ElasticJob } from '@go-agent/protocol/elastic';
import { fits, offerOf } from './fits.ts';
import type { StartingAgent } from './starting-agents.ts';

export interface WorkSituation {
  /** Oldest first. */
  readonly jobs: readonly ElasticJob[];
  readonly agents: readonly ElasticAgent[];
  readonly starting: readonly StartingAgent[];
  /** Why no agent of this profile may be started now; null: one may. */
  readonly trouble: (job: ElasticJob) => Trouble | null;
}

export type Trouble =
  /** Starting agents has failed; it is tried again after so many milliseconds. */
  | { readonly type: 'wait'; readonly reason: string; readonly askAgainMs: number }
  /** The profile makes no sense. */
  | { readonly type: 'decline'; readonly reason: string };

export type WorkStep =
  | { readonly type: 'answer'; readonly decision: AssignDecision }
  /** An agent that is free and on its way is this job's from now on. */
  | { readonly type: 'claim'; readonly job: ElasticJob; readonly agentId: string }
  /** Ask for a key, and start an agent. */
  | { readonly type: 'start'; readonly job: ElasticJob };

const HOLD_MS = 60_000;
const DECLINE_MS = 120_000;

/** One step for each job: an idle agent, else one on its way, else a new one, else the reason for waiting. */
export function decideWork({ jobs, agents, starting, trouble }: WorkSituation): readonly WorkStep[] {
  const idle = new Set(agents.filter(({ enabled, state }) => enabled && state === 'idle'));
  const coming = new Set(starting);
  const wanted = new Set(jobs.map(({ jobId }) => jobId));
  return jobs.map((job): WorkStep => {
    const { jobId } = job;
    const agent = pickAgent(job, idle, wanted);
    if (agent !== undefined) {
      idle.delete(agent);
      wanted.delete(jobId);
      // What was started for this job is free for the next.
      for (const each of coming) if (each.jobId === jobId) free(each, coming);
      return { type: 'answer', decision: { action: 'assign', jobId, agentId: agent.agentId } };
    }
    const own = [...coming].find((each) => each.jobId === jobId);
    if (own !== undefined) return { type: 'answer', decision: hold(jobId, own.agentId) };
    const unclaimed = pickComing(job, coming);
    if (unclaimed !== undefined) {
      coming.delete(unclaimed);
      return { type: 'claim', job, agentId: unclaimed.agentId };
    }
    const problem = trouble(job);
    if (problem?.type === 'wait') {
      const { reason, askAgainMs } = problem;
      return { type: 'answer', decision: { action: 'wait', jobId, reason, askAgainMs } };
    }
    if (problem?.type === 'decline') {
      const decision = { action: 'decline', jobId, reason: problem.reason, askAgainMs: DECLINE_MS } as const;
      return { type: 'answer', decision };
    }
    return { type: 'start', job };
  });
}

export function hold(jobId: number, agentId: string): AssignDecision {
  return { action: 'hold', jobId, agentId, reason: `Agent ${agentId} is being started`, askAgainMs: HOLD_MS };
}

/**
 * First the one that was started for this job, last those that were started for other waiting jobs; before these the
 * warm ones, which could take a job of any environment. Among equals the one that worked last: the others get the
 * chance to be idle for long enough to go.
 */
function pickAgent(
  job: ElasticJob,
  idle: ReadonlySet<ElasticAgent>,
  wanted: ReadonlySet<number>,
): ElasticAgent | undefined {
  const rank = (agent: ElasticAgent) => {
    const { startedForJobId: other } = agent;
    if (other === job.jobId) return 0;
    if (other !== undefined && wanted.has(other)) return 3;
    return offerOf(agent).isWarm ? 2 : 1;
  };
  return [...idle]
    .filter((agent) => fits(job, offerOf(agent)))
    .sort((a, b) => rank(a) - rank(b) || (b.idleSince ?? 0) - (a.idleSince ?? 0))[0];
}

/** Warm ones last, as above. */
function pickComing(job: ElasticJob, coming: ReadonlySet<StartingAgent>): StartingAgent | undefined {
  return [...coming]
    .filter(({ jobId, profileId, environment, isWarm }) => {
      const environments = environment === undefined ? [] : [environment];
      return jobId === undefined && fits(job, { profileId, environments, isWarm });
    })
    .sort((a, b) => Number(a.isWarm) - Number(b.isWarm))[0];
}

function free(agent: StartingAgent, coming: Set<StartingAgent>): void {
  const { jobId: _, ...rest } = agent;
  coming.delete(agent);
  coming.add(rest);
}
