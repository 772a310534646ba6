import { expect, test } from 'vitest';
import { sampleWork } from '../journal/testing/sample-assignment.ts';
import { type AgentEvent, type AgentState, IDLE, transition } from './agent-state.ts';

const job = sampleWork(1).assignment.jobIdentifier;
const other = sampleWork(2).assignment.jobIdentifier;
const building: AgentState = { kind: 'building', job };
const cancelled: AgentState = { kind: 'cancelled', job };
const work: AgentEvent = { type: 'work', job: other };

test.each<[AgentState, AgentEvent, AgentState]>([
  [IDLE, work, { kind: 'building', job: other }],
  [IDLE, { type: 'cancel' }, IDLE],
  [IDLE, { type: 'finished' }, IDLE],
  [building, work, building],
  [building, { type: 'cancel' }, cancelled],
  [building, { type: 'finished' }, IDLE],
  [cancelled, work, cancelled],
  [cancelled, { type: 'cancel' }, cancelled],
  [cancelled, { type: 'finished' }, IDLE],
])('%o on %o becomes %o', (state, event, next) => {
  expect(transition(state, event)).toEqual(next);
});
