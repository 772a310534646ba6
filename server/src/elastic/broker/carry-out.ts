// Does what a turn has decided. What asks a plugin goes on in the background: nothing here waits for one.

import { describeError } from '@go-agent/runtime/core';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { TurnPlan } from '../../domain/elastic-turn-model.ts';
import { clamp, waitUnanswered } from '../../domain/elastic-wait.ts';
import type { ElasticProvider } from '../provider.ts';
import { askPlugin } from './ask-plugin.ts';
import { beginStop } from './begin-stop.ts';
import type { BrokerContext } from './broker-context.ts';
import type { ClusterBook } from './cluster-book.ts';
import { clusterOf, profileOf } from './elastic-shapes.ts';
import { failJob } from './fail-job.ts';
import { missingReason, tellMissingFor } from './missing-plugin.ts';

const START_REST_MS = 10_000;

export interface Situation {
  readonly context: BrokerContext;
  readonly book: ClusterBook;
  readonly cluster: ClusterProfile;
  /** Undefined, or unavailable: jobs that are due are told so. */
  readonly provider: ElasticProvider | undefined;
}

export async function carryOut(situation: Situation, plan: TurnPlan): Promise<void> {
  const { context } = situation;
  const { fleet, scheduler, rests } = context;
  for (const { id, reason } of plan.retire) {
    const agent = fleet.get(id);
    if (agent === undefined || !(await fleet.retire(id, reason))) continue;
    if (reason !== 'never-registered') continue;
    rests.failed(agent.profileId, 'it did not register in time', scheduler.clock.now());
  }
  for (const jobId of plan.expire) await expire(situation, jobId);
  for (const jobId of plan.giveUp) await giveUp(situation, jobId);
  for (const id of plan.stop) beginStop(situation, id);
  for (const { profileId, count } of plan.start) beginStart(situation, profileId, count);
  if (plan.ask.length > 0) beginAsking(situation, plan.ask);
}

async function expire({ context }: Situation, jobId: number): Promise<void> {
  const { scheduler, waits } = context;
  const job = scheduler.board.byId(jobId);
  if (job === undefined) return;
  const profile = scheduler
    .config()
    .elasticProfiles.find(({ id }) => id === job.requirement.elasticProfileId);
  const seconds = Math.round((profile?.policy.queueTimeoutMs ?? 0) / 1000);
  const last = waits.get(jobId)?.reason ?? 'its plugin was not asked yet';
  await failJob(
    scheduler,
    job,
    `This job has not been assigned an agent of profile '${profile?.id}' for more than ${seconds} s (queue_timeout). Last: ${last}`,
  );
}

async function giveUp({ context }: Situation, jobId: number): Promise<void> {
  const job = context.scheduler.board.byId(jobId);
  if (job === undefined) return;
  const lost = job.attempt - 1;
  await failJob(
    context.scheduler,
    job,
    `This job was given to ${lost} agent(s) of profile '${job.requirement.elasticProfileId}', and contact with each was lost: it is not given to another (max_attempts).`,
  );
}

function beginAsking({ context, book, cluster, provider }: Situation, jobIds: readonly number[]): void {
  const { scheduler, waits } = context;
  const state = book.cluster(cluster.id);
  state.changed = false;
  const unavailable = provider === undefined ? missingReason(cluster) : provider.unavailable;
  if (provider === undefined || unavailable !== undefined) {
    for (const jobId of jobIds) {
      waits.set(jobId, waitUnanswered(unavailable ?? '', waits.get(jobId), scheduler.clock.now()));
      const job = scheduler.board.byId(jobId);
      if (provider === undefined && job !== undefined) tellMissingFor(scheduler, job, cluster);
    }
    context.wake(cluster.id);
    return;
  }
  state.asking = cluster;
  scheduler.background.run(`Asking ${cluster.pluginId} about ${jobIds.length} job(s)`, async () => {
    try {
      await askPlugin(context, book, { cluster, provider, jobIds });
    } finally {
      state.asking = undefined;
      context.wake(cluster.id);
    }
  });
}

function beginStart({ context, book, cluster, provider }: Situation, profileId: string, count: number): void {
  const { scheduler, rests } = context;
  const profile = scheduler.config().elasticProfiles.find(({ id }) => id === profileId);
  if (provider === undefined || provider.unavailable !== undefined || profile === undefined) return;
  const state = book.cluster(cluster.id);
  state.beingStarted.set(profileId, cluster);
  scheduler.background.run(`Starting ${count} agent(s) of profile ${profileId}`, async () => {
    const restFor = (ms: number, reason: string) =>
      rests.rest(profileId, reason, scheduler.clock.now() + clamp(ms));
    try {
      const { secrets } = scheduler;
      const { agentIds, reason, askAgainMs } = await provider.startAgents({
        cluster: clusterOf(cluster, secrets),
        profile: profileOf(profile, secrets),
        count,
      });
      if (askAgainMs !== undefined || agentIds.length < count)
        restFor(
          askAgainMs ?? START_REST_MS,
          reason ?? 'the plugin started fewer agents than it was asked for',
        );
    } catch (error) {
      restFor(START_REST_MS, `the plugin did not start any: ${describeError(error)}`);
    } finally {
      state.beingStarted.delete(profileId);
      context.wake(cluster.id);
    }
  });
}
