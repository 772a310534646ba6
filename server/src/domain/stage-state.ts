// The life of one run of a stage, which follows from its jobs. Diagram and table: docs/states.md. Reference: server-config-api 2.7.

import { isActive, type JobStatus } from './job-state.ts';
import type { StageState } from './views.ts';

/** What the jobs of a stage say together. */
export type StageEvent =
  | 'jobs-run'
  | 'jobs-run-some-failed'
  | 'jobs-passed'
  | 'jobs-failed'
  | 'jobs-cancelled';

/** A stage that is over stays as it is; a running one is what its jobs say. */
export function transitionStage(from: StageState, event: StageEvent): StageState {
  if (isOver(from)) return from;
  switch (event) {
    case 'jobs-run':
      return 'building';
    case 'jobs-run-some-failed':
      return 'failing';
    case 'jobs-passed':
      return 'passed';
    case 'jobs-failed':
      return 'failed';
    case 'jobs-cancelled':
      return 'cancelled';
  }
  return event satisfies never;
}

export function isOver(state: StageState): boolean {
  return state === 'passed' || state === 'failed' || state === 'cancelled';
}

/** @param jobs those that count: a superseded job does not. */
export function stageEventOf(jobs: readonly JobStatus[]): StageEvent {
  const failed = jobs.some((job) => job.result === 'failed');
  if (jobs.some((job) => isActive(job.state))) return failed ? 'jobs-run-some-failed' : 'jobs-run';
  if (jobs.some((job) => job.result === 'cancelled')) return 'jobs-cancelled';
  return failed || jobs.some((job) => job.result !== 'passed') ? 'jobs-failed' : 'jobs-passed';
}
