import type { ArtifactPlan } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { orderPlans } from './order-plans.ts';

test('takes external plans first, and all test reports where the first of them stands', () => {
  const file = (src: string): ArtifactPlan => ({ artifactPlanType: 'file', src, dest: '' });
  const unit = (src: string): ArtifactPlan => ({ artifactPlanType: 'unit', src, dest: '' });
  const external: ArtifactPlan = { artifactPlanType: 'external', pluggableArtifactConfigJson: 'x' };
  const ordered = orderPlans([file('1'), unit('2'), file('3'), external, unit('4')]);
  expect(ordered.map((plan) => ('src' in plan ? plan.src : 'external'))).toEqual([
    'external',
    '1',
    '2',
    '4',
    '3',
  ]);
});
