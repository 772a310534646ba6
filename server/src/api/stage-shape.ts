import type { TestCounts } from '../artifacts/test-summary.ts';
import type { JobView, JobWaitView, StageView } from '../domain/views.ts';
import { waitShape } from './elastic-queue-api.ts';
import { jobResultWord, jobStateWord, stageResultWord } from './gocd-words.ts';
import { jobSummaryShape } from './pipeline-shape.ts';

/** Why a job waits, by its id. */
export type WaitOf = (jobId: number) => JobWaitView | undefined;

interface Run {
  readonly pipeline: string;
  readonly counter: number;
}

/** A run of a stage as GoCD's API v3 shows it (server-config-api 3.3). */
export function stageInstanceShape(
  { pipeline, counter }: Run,
  stage: StageView,
  /** By job id. */
  tests: ReadonlyMap<number, TestCounts>,
  waitOf: WaitOf,
): Record<string, unknown> {
  return {
    name: stage.name,
    counter: stage.counter,
    approval_type: stage.approval,
    approved_by: stage.approvedBy,
    scheduled_at: stage.createdAt,
    last_transitioned_time: lastTransition(stage),
    result: stageResultWord(stage.state),
    ...cancelledBy(stage),
    rerun_of_counter: stage.rerunOfCounter ?? null,
    fetch_materials: true,
    clean_working_directory: false,
    artifacts_deleted: false,
    pipeline_name: pipeline,
    pipeline_counter: counter,
    jobs: stage.jobs.map((job) => ({
      ...jobCore(job),
      pipeline_name: null,
      pipeline_counter: null,
      stage_name: null,
      stage_counter: null,
      job_state_transitions: transitions(job),
      ...testCounts(tests.get(job.jobId)),
      ...waiting(waitOf(job.jobId)),
    })),
  };
}

export function stageHistoryShape({ pipeline, counter }: Run, stage: StageView): Record<string, unknown> {
  return {
    name: stage.name,
    counter: String(stage.counter),
    approval_type: stage.approval,
    approved_by: stage.approvedBy,
    result: stageResultWord(stage.state),
    ...cancelledBy(stage),
    rerun_of_counter: stage.rerunOfCounter ?? null,
    pipeline_name: pipeline,
    pipeline_counter: counter,
    jobs: stage.jobs.map(jobSummaryShape),
  };
}

export function jobInstanceShape(
  job: JobView,
  tests: TestCounts | undefined,
  waitOf: WaitOf,
): Record<string, unknown> {
  return {
    ...jobCore(job),
    pipeline_name: job.pipeline,
    pipeline_counter: job.counter,
    stage_name: job.stage,
    stage_counter: String(job.stageCounter),
    job_state_transitions: transitions(job),
    ...testCounts(tests),
    ...waiting(waitOf(job.jobId)),
  };
}

/** Not GoCD's: there only while the job waits for an elastic agent, or for one that there is not. */
function waiting(wait: JobWaitView | undefined): Record<string, unknown> {
  return wait === undefined ? {} : { waiting: waitShape(wait) };
}

/** Not GoCD's: there only if the job has published test reports. */
function testCounts(tests: TestCounts | undefined): Record<string, unknown> {
  return tests === undefined ? {} : { tests };
}

function jobCore(job: JobView): Record<string, unknown> {
  return {
    name: job.job,
    state: jobStateWord(job.state),
    result: jobResultWord(job.result),
    scheduled_date: job.scheduledAt,
    rerun: false,
    original_job_id: null,
    agent_uuid: job.agentUuid ?? null,
    ...elasticAgent(job),
  };
}

/** Not GoCD's: there only if the job was given to an elastic agent; kept when that is gone. */
function elasticAgent({ elasticAgent: agent }: JobView): Record<string, unknown> {
  if (agent === undefined) return {};
  const { agentId, pluginId, profileId } = agent;
  return { elastic_agent_id: agentId, elastic_plugin_id: pluginId, elastic_profile_id: profileId };
}

function transitions(job: JobView): Record<string, unknown>[] {
  return job.transitions.map(({ state, at }) => ({ state: jobStateWord(state), state_change_time: at }));
}

function lastTransition(stage: StageView): number {
  const times = stage.jobs.flatMap((job) => job.transitions.map(({ at }) => at));
  return stage.completedAt ?? Math.max(stage.createdAt, ...times);
}

function cancelledBy(stage: StageView): Record<string, unknown> {
  return stage.state === 'cancelled' ? { cancelled_by: stage.cancelledBy ?? 'GoCD' } : {};
}
