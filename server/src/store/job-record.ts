import type { Selectable } from 'kysely';
import type { JobRequirement } from '../domain/job-matching.ts';
import type { JobResult, JobState, JobView } from '../domain/views.ts';
import type { JobTransitionTable } from './schema.ts';

/** A job as it is stored: what is shown of it, and what it asks of agents. */
export interface JobRecord {
  readonly view: JobView;
  readonly stageId: number;
  readonly instanceId: number;
  /** 1, and one more each time that it was scheduled again. */
  readonly attempt: number;
  readonly requirement: JobRequirement;
  /** Without console output; 0: never. */
  readonly timeoutMinutes: number;
}

/** A job with the names of the stage and the pipeline that it belongs to. */
export interface JoinedJobRow {
  readonly id: number;
  readonly job: string;
  readonly state: string;
  readonly result: string;
  readonly scheduled_at: number;
  readonly agent_uuid: string | null;
  readonly superseded: number;
  readonly requirement: string;
  readonly timeout_minutes: number;
  readonly stage_id: number;
  readonly stage: string;
  readonly stage_counter: number;
  readonly instance_id: number;
  readonly pipeline: string;
  readonly counter: number;
  readonly label: string;
  readonly elastic_agent_id: string | null;
  readonly elastic_plugin_id: string | null;
  readonly attempt: number | null;
}

export function jobRecord(
  row: JoinedJobRow,
  transitions: readonly Selectable<JobTransitionTable>[],
): JobRecord {
  const requirement: JobRequirement = JSON.parse(row.requirement);
  return {
    view: {
      pipeline: row.pipeline,
      counter: row.counter,
      label: row.label,
      stage: row.stage,
      stageCounter: row.stage_counter,
      job: row.job,
      jobId: row.id,
      state: row.state as JobState,
      result: row.result as JobResult,
      scheduledAt: row.scheduled_at,
      ...(row.agent_uuid === null ? {} : { agentUuid: row.agent_uuid }),
      ...elasticAgent(row, requirement),
      transitions: transitions.map(({ id, state, at }) => ({ id, state: state as JobState, at })),
      superseded: row.superseded !== 0,
    },
    stageId: row.stage_id,
    instanceId: row.instance_id,
    attempt: row.attempt ?? 1,
    requirement,
    timeoutMinutes: row.timeout_minutes,
  };
}

function elasticAgent(
  { elastic_agent_id: agentId, elastic_plugin_id: pluginId }: JoinedJobRow,
  { elasticProfileId: profileId = '' }: JobRequirement,
): Pick<JobView, 'elasticAgent'> {
  return agentId === null || pluginId === null ? {} : { elasticAgent: { agentId, pluginId, profileId } };
}
