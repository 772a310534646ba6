// Asks a plugin about waiting jobs, and does what it answers, as far as that can be done.

import type { AssignDecision, AssignWorkParams, AssignWorkResult } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import { fits } from '../../domain/elastic-fit.ts';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import { waitAfter, waitUnanswered } from '../../domain/elastic-wait.ts';
import { GRANT_MS } from '../../scheduler/elastic-grants.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import type { ClusterBook } from './cluster-book.ts';
import { agentOf, clusterOf, jobOf, profileOf } from './elastic-shapes.ts';
import { failJob } from './fail-job.ts';

export interface Question {
  readonly cluster: ClusterProfile;
  readonly provider: ElasticProvider;
  readonly jobIds: readonly number[];
}

/** Never rejects: whatever goes wrong becomes the reason why the jobs wait. */
export async function askPlugin(
  context: BrokerContext,
  book: ClusterBook,
  question: Question,
): Promise<void> {
  const { scheduler, waits } = context;
  const { jobIds, provider } = question;
  let answer: AssignWorkResult;
  try {
    answer = await provider.assignWork(paramsOf(context, book, question));
  } catch (error) {
    const reason = `Plugin ${provider.pluginId} gave no answer: ${describeError(error)}`;
    for (const jobId of jobIds) {
      if (!isWaiting(context, jobId)) continue;
      waits.set(jobId, waitUnanswered(reason, waits.get(jobId), scheduler.clock.now()));
    }
    return;
  }
  const decisions = new Map(answer.decisions.map((decision) => [decision.jobId, decision]));
  for (const jobId of jobIds) {
    const job = scheduler.board.byId(jobId);
    // Cancelled or given away while the plugin thought about it.
    if (job === undefined || !isWaiting(context, jobId)) continue;
    await follow(context, provider.pluginId, job, decisions.get(jobId));
  }
}

function isWaiting({ scheduler, assigner }: BrokerContext, jobId: number): boolean {
  return scheduler.board.byId(jobId)?.view.state === 'scheduled' && !assigner.grants.isPromised(jobId);
}

/** @throws AppError `secret-unreadable` */
function paramsOf(
  context: BrokerContext,
  book: ClusterBook,
  { cluster, jobIds }: Question,
): AssignWorkParams {
  const { scheduler, fleet, assigner } = context;
  const { board, secrets } = scheduler;
  const { elasticProfiles } = scheduler.config();
  const profiles = new Map(
    elasticProfiles
      .filter(({ clusterProfileId }) => clusterProfileId === cluster.id)
      .map((profile) => [profile.id, profileOf(profile, secrets)]),
  );
  const profileOfJob = (job: JobRecord) => profiles.get(job.requirement.elasticProfileId ?? '');
  const own = fleet.all().filter(({ clusterId }) => clusterId === cluster.id);
  return {
    cluster: clusterOf(cluster, secrets),
    jobs: jobIds.flatMap((jobId) => {
      const job = board.byId(jobId);
      const profile = job === undefined ? undefined : profileOfJob(job);
      return job === undefined || profile === undefined ? [] : [jobOf(job, profile)];
    }),
    agents: own
      .filter((agent) => isAvailable(context, agent))
      .flatMap((agent) => agentOf(scheduler, agent, book.idleSince(agent.id)) ?? []),
    waitingCount: board
      .waiting()
      .filter((job) => profileOfJob(job) !== undefined && !assigner.grants.isPromised(job.view.jobId)).length,
    startingCount: own.filter(({ phase }) => phase === 'starting').length,
  };
}

/** Could be given a job now. */
function isAvailable({ scheduler, assigner }: BrokerContext, agent: ElasticAgentRecord): boolean {
  const { uuid, phase } = agent;
  const live = uuid === undefined ? undefined : scheduler.registry.get(uuid);
  if (uuid === undefined || live === undefined || phase !== 'registered' || live.record.disabled)
    return false;
  const profile = scheduler.config().elasticProfiles.find(({ id }) => id === agent.profileId);
  return (
    live.runtime === 'idle' &&
    scheduler.board.onAgent(uuid) === undefined &&
    assigner.grants.granted(uuid) === undefined &&
    assigner.grants.isAsking(uuid) &&
    profile !== undefined &&
    agent.jobsGiven < profile.policy.jobsPerAgent
  );
}

async function follow(
  context: BrokerContext,
  pluginId: string,
  job: JobRecord,
  decision: AssignDecision | undefined,
): Promise<void> {
  const { scheduler, waits } = context;
  const { jobId } = job.view;
  const now = scheduler.clock.now();
  if (decision?.action === 'assign') {
    await promise(context, pluginId, job, decision.agentId);
    return;
  }
  const wait = waitAfter(decision, waits.get(jobId), now);
  waits.set(jobId, wait);
  if (decision?.action === 'decline' && decision.permanent === true)
    await failJob(scheduler, job, `Plugin ${pluginId} cannot run this job: ${wait.reason}`);
}

async function promise(
  context: BrokerContext,
  pluginId: string,
  job: JobRecord,
  agentId: string,
): Promise<void> {
  const { scheduler, waits, fleet, assigner } = context;
  const { jobId } = job.view;
  const { environment, elasticProfileId = '' } = job.requirement;
  const wish = { profileId: elasticProfileId, ...(environment === undefined ? {} : { environment }) };
  const agent = fleet.byAgentId(pluginId, agentId);
  const offer =
    agent === undefined || agent.jobId === undefined ? agent : { ...agent, startedFor: agent.jobId };
  if (
    agent?.uuid === undefined ||
    offer === undefined ||
    !isAvailable(context, agent) ||
    !fits(wish, offer)
  ) {
    const reason = `Plugin ${pluginId} chose agent ${agentId}, which cannot be given this job now.`;
    waits.set(jobId, waitUnanswered(reason, waits.get(jobId), scheduler.clock.now()));
    return;
  }
  const { uuid } = agent;
  assigner.grants.grant(uuid, jobId);
  if (environment !== undefined && agent.environment === undefined) await fleet.adopt(agent.id, environment);
  const now = scheduler.clock.now();
  const reason = `Given to agent ${agentId}, which is about to take it.`;
  waits.set(jobId, { action: 'assign', reason, answeredAt: now, askAgainAt: now + GRANT_MS, failures: 0 });
  assigner.reconsider(uuid);
}
