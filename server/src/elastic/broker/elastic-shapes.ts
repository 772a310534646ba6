// What plugins are told of clusters, profiles, jobs and agents: secrets opened at each use, never kept.

import type { ElasticAgent, ElasticCluster, ElasticJob, ElasticProfile } from '@go-agent/protocol/elastic';
import type { ClusterProfile, ElasticAgentProfile, ElasticProperty } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { JobRecord } from '../../store/job-record.ts';

interface Opener {
  open(sealed: string): string;
}

/** @throws AppError `secret-unreadable` */
export function clusterOf(cluster: ClusterProfile, secrets: Opener): ElasticCluster {
  return { id: cluster.id, properties: propertiesOf(cluster.properties, secrets) };
}

/** @throws AppError `secret-unreadable` */
export function profileOf(profile: ElasticAgentProfile, secrets: Opener): ElasticProfile {
  return { id: profile.id, properties: propertiesOf(profile.properties, secrets), policy: profile.policy };
}

export function propertiesOf(
  properties: readonly ElasticProperty[],
  secrets: Opener,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    properties.map(({ key, value, secure }) => [key, secure ? secrets.open(value) : value]),
  );
}

export function jobOf({ view, attempt, requirement }: JobRecord, profile: ElasticProfile): ElasticJob {
  return {
    jobId: view.jobId,
    attempt,
    pipelineName: view.pipeline,
    pipelineCounter: view.counter,
    pipelineLabel: view.label,
    stageName: view.stage,
    stageCounter: view.stageCounter,
    jobName: view.job,
    queuedAt: view.scheduledAt,
    ...(requirement.environment === undefined ? {} : { environment: requirement.environment }),
    profile,
  };
}

/** Undefined for one that has not registered. */
export function agentOf(
  { registry, board }: Pick<SchedulerContext, 'registry' | 'board'>,
  record: ElasticAgentRecord,
  idleSince: number | undefined,
): ElasticAgent | undefined {
  const { uuid, agentId } = record;
  const live = uuid === undefined ? undefined : registry.get(uuid);
  if (uuid === undefined || agentId === undefined || live === undefined) return undefined;
  const jobId = board.onAgent(uuid)?.view.jobId;
  return {
    agentId,
    uuid,
    clusterId: record.clusterId,
    profileId: record.profileId,
    state: live.runtime,
    enabled: record.phase === 'registered' && !live.record.disabled,
    environments: live.record.environments,
    jobsDone: record.jobsGiven - (jobId === undefined ? 0 : 1),
    ...(idleSince === undefined ? {} : { idleSince }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(record.jobId === undefined ? {} : { startedForJobId: record.jobId }),
  };
}
