import { expect, test } from 'vitest';
import { type JobEvent, type JobStatus, transitionJob } from './job-state.ts';

const STATES: readonly JobStatus[] = [
  { state: 'scheduled', result: 'unknown' },
  { state: 'assigned', result: 'unknown' },
  { state: 'preparing', result: 'unknown' },
  { state: 'building', result: 'unknown' },
  { state: 'completing', result: 'passed' },
  { state: 'completed', result: 'passed' },
  { state: 'completed', result: 'cancelled' },
  { state: 'rescheduled', result: 'unknown' },
];

const EVENTS: readonly JobEvent[] = [
  { type: 'assigned' },
  { type: 'preparing' },
  { type: 'building' },
  { type: 'completing', result: 'passed' },
  { type: 'completed', result: 'failed' },
  { type: 'cancelled' },
  { type: 'failed' },
  { type: 'rescheduled' },
];

// What is entered, in the order of EVENTS; `-`: ignored.
const TABLE: Readonly<Record<string, string>> = {
  'scheduled/unknown': 'assigned | - | - | - | - | completed | completed | -',
  'assigned/unknown':
    '- | preparing | building | completing | completing,completed | completed | completed | rescheduled',
  'preparing/unknown':
    '- | - | building | building,completing | building,completing,completed | completed | completed | rescheduled',
  'building/unknown': '- | - | - | completing | completing,completed | completed | completed | rescheduled',
  'completing/passed': '- | - | - | - | completed | completed | completed | rescheduled',
  'completed/passed': '- | - | - | - | - | - | - | -',
  'completed/cancelled': '- | - | - | - | - | - | - | -',
  'rescheduled/unknown': '- | - | - | - | - | - | - | -',
};

for (const from of STATES) {
  test(`a job that is ${from.state} (${from.result}) answers each event as the table says`, () => {
    const row = EVENTS.map((event) => {
      const step = transitionJob(from, event);
      return step.type === 'ignored' ? '-' : step.entered.join(',');
    });
    expect(row.join(' | ')).toBe(TABLE[`${from.state}/${from.result}`]);
  });
}

test('the result of the completed report wins over that of the completing report', () => {
  const step = transitionJob(
    { state: 'completing', result: 'passed' },
    { type: 'completed', result: 'failed' },
  );
  expect(step).toMatchObject({ status: { state: 'completed', result: 'failed' } });
});

test('a job that is cancelled is completed with that result, whatever it was doing', () => {
  const step = transitionJob({ state: 'preparing', result: 'unknown' }, { type: 'cancelled' });
  expect(step).toMatchObject({ status: { state: 'completed', result: 'cancelled' } });
});
