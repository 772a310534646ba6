import type { AssignDecision, AssignWorkParams, ElasticAgent, ElasticJob } from '@go-agent/protocol/elastic';
import { fits, offerOf } from '../fits.ts';
import type { Violation } from './rules.ts';

/** What is wrong with an answer to assign-work. Pure. @param onTheWay ids of agents that have a key */
export function checkDecisions(
  { jobs, agents }: Pick<AssignWorkParams, 'jobs' | 'agents'>,
  decisions: readonly AssignDecision[],
  onTheWay: ReadonlySet<string>,
): readonly Violation[] {
  const found: Violation[] = [];
  const decided = new Set<number>();
  const taken = new Set<string>();
  for (const decision of decisions) {
    const job = jobs.find(({ jobId }) => jobId === decision.jobId);
    if (job === undefined) {
      found.push({ rule: 'decides-once', message: `job ${decision.jobId} was not asked about` });
      continue;
    }
    if (decided.has(job.jobId))
      found.push({ rule: 'decides-once', message: `job ${job.jobId} has two decisions` });
    decided.add(job.jobId);
    if (decision.action === 'assign') found.push(...checkAssign(job, decision.agentId, agents, taken));
    else if (decision.reason.trim() === '') {
      found.push({ rule: 'gives-reasons', message: `${decision.action} for job ${job.jobId} has no reason` });
    }
    if (decision.action === 'hold') found.push(...checkHold(job, decision.agentId, onTheWay));
  }
  for (const { jobId } of jobs) {
    if (!decided.has(jobId)) found.push({ rule: 'decides-once', message: `job ${jobId} has no decision` });
  }
  return found;
}

function checkAssign(
  job: ElasticJob,
  agentId: string,
  agents: readonly ElasticAgent[],
  taken: Set<string>,
): readonly Violation[] {
  const wrong = (message: string): readonly Violation[] => [{ rule: 'assigns-what-is-free', message }];
  if (taken.has(agentId)) return wrong(`agent ${agentId} got two jobs`);
  taken.add(agentId);
  const agent = agents.find((each) => each.agentId === agentId);
  if (agent === undefined) return wrong(`agent ${agentId} was not among those that are free`);
  if (agent.profileId !== job.profile.id)
    return wrong(`agent ${agentId} has another profile than job ${job.jobId}`);
  if (!fits(job, offerOf(agent)))
    return wrong(
      `agent ${agentId} is in environment ${agent.environments.join(', ') || '(none)'}, job ${job.jobId} in ${job.environment ?? '(none)'}`,
    );
  return [];
}

function checkHold(
  job: ElasticJob,
  agentId: string | undefined,
  onTheWay: ReadonlySet<string>,
): readonly Violation[] {
  if (agentId === undefined ? onTheWay.size > 0 : onTheWay.has(agentId)) return [];
  const message = `job ${job.jobId} is held${agentId === undefined ? ', but no agent is on its way' : ` for ${agentId}, which has no key`}`;
  return [{ rule: 'holds-for-an-agent', message }];
}
