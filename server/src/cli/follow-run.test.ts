import { expect, test } from 'vitest';
import { outcomeOf, type PipelineInstance } from './follow-run.ts';

function run(...stages: readonly (readonly [status: string, approval?: string])[]): PipelineInstance {
  return {
    name: 'app',
    counter: 1,
    label: '1',
    stages: stages.map(([status, approval], index) => ({
      name: `s${index}`,
      status,
      scheduled: status !== 'Unknown',
      approval_type: approval ?? 'success',
    })),
  };
}

test('a run is over when a stage has failed, all have passed, or the next one waits for an approval', () => {
  expect(outcomeOf(run(['Building']))).toBe('running');
  expect(outcomeOf(run(['Failing']))).toBe('running');
  expect(outcomeOf(run(['Passed'], ['Unknown']))).toBe('running');
  expect(outcomeOf(run(['Passed'], ['Unknown', 'manual']))).toBe('waiting');
  expect(outcomeOf(run(['Passed'], ['Failed'], ['Unknown']))).toBe('failed');
  expect(outcomeOf(run(['Cancelled'], ['Unknown']))).toBe('cancelled');
  expect(outcomeOf(run(['Passed'], ['Passed']))).toBe('passed');
});
