// What the server believes an agent is doing. Diagram and table: docs/states.md. Reference: server-agents-jobs-elastic 1.2, 1.3.

import type { AgentInstruction } from '@go-agent/protocol';
import type { AgentDisplayState, JobState } from './views.ts';

/** `missing`: known, not heard of since the server started. */
export type AgentRuntime = 'missing' | 'idle' | 'building' | 'cancelled' | 'lost-contact';

export type AgentEvent =
  | 'heard-idle'
  /** A ping or report with any other status. */
  | 'heard-busy'
  | 'job-assigned'
  | 'job-cancelled'
  /** Nothing was heard for too long. */
  | 'silent';

export function transitionAgent(from: AgentRuntime, event: AgentEvent): AgentRuntime {
  switch (event) {
    case 'heard-idle':
      return 'idle';
    case 'heard-busy':
      // Only an idle agent has obeyed: until then CANCEL is said again at every ping.
      return from === 'cancelled' ? 'cancelled' : 'building';
    case 'job-assigned':
      return 'building';
    case 'job-cancelled':
      return from === 'building' ? 'cancelled' : from;
    case 'silent':
      return 'lost-contact';
  }
  return event satisfies never;
}

export function instructionFor(runtime: AgentRuntime, killRequested: boolean): AgentInstruction {
  if (runtime !== 'cancelled') return 'NONE';
  return killRequested ? 'KILL_RUNNING_TASKS' : 'CANCEL';
}

/** The one word that an operator sees. @param jobState of the job that is recorded on the agent, if one is. */
export function agentDisplayState(agent: {
  readonly configState: 'pending' | 'enabled' | 'disabled';
  readonly runtime: AgentRuntime;
  readonly jobState?: JobState | undefined;
}): AgentDisplayState {
  if (agent.configState !== 'enabled') return agent.configState;
  if (agent.runtime !== 'building') return agent.runtime;
  return agent.jobState === 'assigned' || agent.jobState === 'preparing' ? 'preparing' : 'building';
}
