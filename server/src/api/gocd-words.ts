// Our states in GoCD's words (server-agents-jobs-elastic 1.2, 2.1).

import type { AgentView, JobResult, JobState, StageState } from '../domain/views.ts';

const JOB_STATE: Readonly<Record<JobState, string>> = {
  scheduled: 'Scheduled',
  assigned: 'Assigned',
  preparing: 'Preparing',
  building: 'Building',
  completing: 'Completing',
  completed: 'Completed',
  rescheduled: 'Rescheduled',
};

const JOB_RESULT: Readonly<Record<JobResult, string>> = {
  unknown: 'Unknown',
  passed: 'Passed',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const STAGE_STATE: Readonly<Record<StageState, string>> = {
  building: 'Building',
  passed: 'Passed',
  failed: 'Failed',
  failing: 'Failing',
  cancelled: 'Cancelled',
};

export function jobStateWord(state: JobState): string {
  return JOB_STATE[state];
}

export function jobResultWord(result: JobResult): string {
  return JOB_RESULT[result];
}

export function stageStatusWord(state: StageState): string {
  return STAGE_STATE[state];
}

/** `Unknown` as long as the stage runs. */
export function stageResultWord(state: StageState): string {
  return state === 'building' || state === 'failing' ? 'Unknown' : STAGE_STATE[state];
}

export interface AgentWords {
  readonly configState: 'Pending' | 'Enabled' | 'Disabled';
  readonly agentState: string;
  readonly buildState: string;
}

const CONFIG_STATE = { pending: 'Pending', enabled: 'Enabled', disabled: 'Disabled' } as const;

/** Preparing is a state of jobs in GoCD: an agent that prepares one is Building. */
export function agentWords(agent: AgentView): AgentWords {
  const configState = CONFIG_STATE[agent.configState];
  switch (agent.state) {
    case 'idle':
      return { configState, agentState: 'Idle', buildState: 'Idle' };
    case 'preparing':
    case 'building':
      return { configState, agentState: 'Building', buildState: 'Building' };
    case 'cancelled':
      return { configState, agentState: 'Building', buildState: 'Cancelled' };
    case 'lost-contact':
      return { configState, agentState: 'LostContact', buildState: 'Unknown' };
    case 'missing':
      return { configState, agentState: 'Missing', buildState: 'Unknown' };
    case 'pending':
      return { configState, agentState: 'Unknown', buildState: 'Unknown' };
    case 'disabled': {
      const word = agent.building === undefined ? 'Idle' : 'Building';
      return { configState, agentState: word, buildState: word };
    }
  }
}
