import type { Selectable } from 'kysely';
import type { JobResult, JobState } from '../domain/views.ts';
import type { JobRecord } from './job-repository.ts';
import type { JobTransitionTable } from './schema.ts';

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
  readonly attempt: number | null;
}

export function jobRecord(
  row: JoinedJobRow,
  transitions: readonly Selectable<JobTransitionTable>[],
): JobRecord {
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
      transitions: transitions.map(({ id, state, at }) => ({ id, state: state as JobState, at })),
      superseded: row.superseded !== 0,
    },
    stageId: row.stage_id,
    instanceId: row.instance_id,
    attempt: row.attempt ?? 1,
    requirement: JSON.parse(row.requirement),
    timeoutMinutes: row.timeout_minutes,
  };
}
