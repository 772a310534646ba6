import { expect, test } from 'vitest';
import type { JobStatus } from './job-state.ts';
import { type StageEvent, stageEventOf, transitionStage } from './stage-state.ts';
import type { StageState } from './views.ts';

const EVENTS: readonly StageEvent[] = [
  'jobs-run',
  'jobs-run-some-failed',
  'jobs-passed',
  'jobs-failed',
  'jobs-cancelled',
];

const RUNNING = ['building', 'failing', 'passed', 'failed', 'cancelled'];
const TABLE: Readonly<Record<StageState, readonly string[]>> = {
  building: RUNNING,
  failing: RUNNING,
  passed: ['passed', 'passed', 'passed', 'passed', 'passed'],
  failed: ['failed', 'failed', 'failed', 'failed', 'failed'],
  cancelled: ['cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled'],
};

for (const [from, row] of Object.entries(TABLE)) {
  test(`a stage that is ${from} answers each event as the table says`, () => {
    expect(EVENTS.map((event) => transitionStage(from as StageState, event))).toEqual(row);
  });
}

const active: JobStatus = { state: 'building', result: 'unknown' };
const done = (result: JobStatus['result']): JobStatus => ({ state: 'completed', result });

test.each([
  [[active, done('passed')], 'jobs-run'],
  [[active, done('failed')], 'jobs-run-some-failed'],
  [[done('passed'), done('passed')], 'jobs-passed'],
  [[done('passed'), done('failed')], 'jobs-failed'],
  [[done('failed'), done('cancelled')], 'jobs-cancelled'],
  [[done('passed'), done('unknown')], 'jobs-failed'],
] as const)('jobs %j say %s', (jobs, event) => {
  expect(stageEventOf(jobs)).toBe(event);
});
