import { expect, test } from 'vitest';
import { retryDecision } from './retry-decision.ts';

test.each([
  ['server-unreachable', 1e12, 'again'],
  ['server-unavailable', 1e12, 'again'],
  ['server-too-large', 1e12, 'again'],
  ['server-forbidden', 1e12, 'again'],
  ['server-cookie', 1e12, 'again'],
  ['server-answer', 1e12, 'again'],
  ['server-failed', 0, 'again'],
  ['server-failed', 4 * 3_600_000 - 1, 'again'],
  ['server-failed', 4 * 3_600_000, 'skip'],
  ['server-refused', 0, 'skip'],
  ['server-superseded', 0, 'superseded'],
] as const)('after %s for %i ms: %s', (code, ms, decision) => {
  expect(retryDecision(code, ms)).toBe(decision);
});
