import { expect, test } from 'vitest';
import {
  type AgentEvent,
  type AgentRuntime,
  agentDisplayState,
  instructionFor,
  transitionAgent,
} from './agent-state.ts';

const EVENTS: readonly AgentEvent[] = ['heard-idle', 'heard-busy', 'job-assigned', 'job-cancelled', 'silent'];

const TABLE: Readonly<Record<AgentRuntime, readonly AgentRuntime[]>> = {
  missing: ['idle', 'building', 'building', 'missing', 'lost-contact'],
  idle: ['idle', 'building', 'building', 'idle', 'lost-contact'],
  building: ['idle', 'building', 'building', 'cancelled', 'lost-contact'],
  cancelled: ['idle', 'cancelled', 'building', 'cancelled', 'lost-contact'],
  'lost-contact': ['idle', 'building', 'building', 'lost-contact', 'lost-contact'],
};

for (const [from, row] of Object.entries(TABLE)) {
  test(`an agent that is ${from} answers each event as the table says`, () => {
    expect(EVENTS.map((event) => transitionAgent(from as AgentRuntime, event))).toEqual(row);
  });
}

test('a cancelled agent is told to cancel, or to kill when that was asked for; others are told nothing', () => {
  expect(instructionFor('cancelled', false)).toBe('CANCEL');
  expect(instructionFor('cancelled', true)).toBe('KILL_RUNNING_TASKS');
  expect(instructionFor('building', true)).toBe('NONE');
});

test.each([
  ['pending', 'idle', undefined, 'pending'],
  ['disabled', 'lost-contact', undefined, 'disabled'],
  ['enabled', 'idle', undefined, 'idle'],
  ['enabled', 'building', 'assigned', 'preparing'],
  ['enabled', 'building', 'preparing', 'preparing'],
  ['enabled', 'building', 'building', 'building'],
  ['enabled', 'building', undefined, 'building'],
  ['enabled', 'cancelled', undefined, 'cancelled'],
  ['enabled', 'lost-contact', 'building', 'lost-contact'],
  ['enabled', 'missing', 'building', 'missing'],
] as const)('an agent %s and %s with a job %s is shown as %s', (configState, runtime, jobState, shown) => {
  expect(agentDisplayState({ configState, runtime, jobState })).toBe(shown);
});
