import { expect, test } from 'vitest';
import { pollingPlan } from './polling-plan.ts';

test('a whole measurement has as many runs by polling as with held requests, a short one a tenth, unless it is said', () => {
  expect(pollingPlan(200)).toEqual({ runs: 200, shares: Array.from({ length: 10 }, () => 20) });
  expect(pollingPlan(150)).toEqual({ runs: 15, shares: [3, 3, 3, 3, 3] });
  expect(pollingPlan(20).runs).toBe(10);
  expect(pollingPlan(20, 200).runs).toBe(200);
  expect(pollingPlan(200, 3)).toEqual({ runs: 3, shares: [1, 1, 1] });
  expect(pollingPlan(200, 107).shares.reduce((sum, share) => sum + share)).toBe(107);
});
