// The life of one job. Diagram and table: docs/states.md. Reference: server-agents-jobs-elastic 2.1.

import type { JobResult, JobState } from './views.ts';

export interface JobStatus {
  readonly state: JobState;
  readonly result: JobResult;
}

export type JobEvent =
  | { readonly type: 'assigned' }
  | { readonly type: 'preparing' }
  | { readonly type: 'building' }
  /** Tasks are over, artifacts are going up. Without a result if the agent only told the state. */
  | { readonly type: 'completing'; readonly result?: JobResult }
  | { readonly type: 'completed'; readonly result: JobResult }
  /** By the server: an operator, a timeout, a pipeline that is gone. */
  | { readonly type: 'cancelled' }
  /** By the server: the job cannot be run as it was frozen. */
  | { readonly type: 'failed' }
  /** The server takes the assignment back; another job takes this one's place. */
  | { readonly type: 'rescheduled' };

export type JobStep =
  | { readonly type: 'moved'; readonly status: JobStatus; readonly entered: readonly JobState[] }
  /** Nothing to do and no error: the report came late, twice or out of order. */
  | { readonly type: 'ignored' };

const ORDER: Readonly<Record<JobState, number>> = {
  scheduled: 0,
  assigned: 1,
  preparing: 2,
  building: 3,
  completing: 4,
  completed: 5,
  rescheduled: 5,
};

const IGNORED: JobStep = { type: 'ignored' };

export function isActive(state: JobState): boolean {
  return state !== 'completed' && state !== 'rescheduled';
}

/** True while the job is recorded on an agent. */
export function isOnAgent(state: JobState): boolean {
  return isActive(state) && state !== 'scheduled';
}

/** What an agent must not go on with, and what no report can change any more (reference: agent-protocol 4.5, is_ignored). */
export function isTakenBack(status: JobStatus): boolean {
  return status.state === 'rescheduled' || status.result === 'cancelled';
}

export function transitionJob(from: JobStatus, event: JobEvent): JobStep {
  if (!isActive(from.state)) return IGNORED;
  switch (event.type) {
    case 'assigned':
      return from.state === 'scheduled' ? moved(from.result, ['assigned']) : IGNORED;
    case 'preparing':
    case 'building':
      return isBehind(from.state, event.type) ? moved(from.result, [event.type]) : IGNORED;
    case 'completing':
      return completing(from, event.result ?? from.result);
    case 'completed':
      return isOnAgent(from.state)
        ? moved(event.result, [...beforeCompleted(from.state), 'completed'])
        : IGNORED;
    case 'cancelled':
    case 'failed':
      return moved(event.type, ['completed']);
    case 'rescheduled':
      return isOnAgent(from.state) ? moved('unknown', ['rescheduled']) : IGNORED;
  }
  return event satisfies never;
}

function completing(from: JobStatus, result: JobResult): JobStep {
  if (!isOnAgent(from.state)) return IGNORED;
  const entered = beforeCompleted(from.state);
  if (entered.length === 0 && result === from.result) return IGNORED;
  return { type: 'moved', status: { state: 'completing', result }, entered };
}

/** GoCD records Building for a job that went from Preparing to its end (reference 2.1). */
function beforeCompleted(state: JobState): JobState[] {
  if (ORDER[state] >= ORDER.completing) return [];
  return state === 'preparing' ? ['building', 'completing'] : ['completing'];
}

function isBehind(state: JobState, target: JobState): boolean {
  return isOnAgent(state) && ORDER[state] < ORDER[target];
}

function moved(result: JobResult, entered: readonly [JobState, ...JobState[]] | JobState[]): JobStep {
  const state = entered.at(-1);
  return state === undefined ? IGNORED : { type: 'moved', status: { state, result }, entered };
}
