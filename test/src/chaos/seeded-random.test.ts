import { expect, test } from 'vitest';
import { planFault } from './console/console-fault.ts';
import { planEnd } from './reattach/reattach-run.ts';
import { SeededRandom } from './seeded-random.ts';

test('the same seed plans the same faults, another one others', () => {
  const plans = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 20 }, (_, i) => [planFault(random.fork(), i), planEnd(random.fork(), i)]);
  };
  expect(plans(7)).toEqual(plans(7));
  expect(plans(7)).not.toEqual(plans(8));
});
