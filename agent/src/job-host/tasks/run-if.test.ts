import { expect, test } from 'vitest';
import { shouldRun } from './run-if.ts';

test.each([
  [[], 'Passed', true],
  [[], 'Failed', false],
  [['passed'], 'Passed', true],
  [['passed'], 'Failed', false],
  [['failed'], 'Failed', true],
  [['failed'], 'Passed', false],
  [['passed', 'failed'], 'Failed', true],
  [['any'], 'Failed', true],
  [[undefined], 'Passed', false],
] as const)('a task with conditions %j after %s runs: %s', (statuses, result, expected) => {
  expect(
    shouldRun(
      statuses.map((status) => (status === undefined ? {} : { status })),
      result,
    ),
  ).toBe(expected);
});
