import type { JobIdentifier } from '@go-agent/protocol';

/**
 * What the agent is doing, as the server is told in each call. `cancelled`: the job is being ended at the server's wish; only the
 * end of the job leaves this state, so that the server does not hear "Idle" or "Building" in between (reference 10.2, 7 and 8).
 */
export type AgentState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'building'; readonly job: JobIdentifier }
  | { readonly kind: 'cancelled'; readonly job: JobIdentifier };

export type AgentEvent =
  | { readonly type: 'work'; readonly job: JobIdentifier }
  | { readonly type: 'cancel' }
  | { readonly type: 'finished' };

export const IDLE: AgentState = { kind: 'idle' };

/** An event that has no meaning in a state leaves it as it is: a cancel may come after the job's end. */
export function transition(state: AgentState, event: AgentEvent): AgentState {
  switch (event.type) {
    case 'work':
      return state.kind === 'idle' ? { kind: 'building', job: event.job } : state;
    case 'cancel':
      return state.kind === 'building' ? { kind: 'cancelled', job: state.job } : state;
    case 'finished':
      return IDLE;
  }
}
