import { expect, test } from 'vitest';
import { noWorkEnd, pauseAfter, type TurnEnd } from './work-delay.ts';

const backoff = { firstMs: 1000, factor: 1.5, maxMs: 10_000 };
const after = (end: TurnEnd, fruitless: number) => pauseAfter(end, fruitless, backoff, 5000);

test('the pause grows from 1 s by half to 10 s while there is no work, and is reset by work', () => {
  const pauses: number[] = [];
  let fruitless = 0;
  for (const end of [...Array<TurnEnd>(8).fill('nothing'), 'worked', 'failed'] satisfies TurnEnd[]) {
    const pause = after(end, fruitless);
    fruitless = pause.fruitless;
    pauses.push(pause.ms);
  }
  expect(pauses).toEqual([1000, 1500, 2250, 3375, 5063, 7594, 10_000, 10_000, 0, 1000]);
});

test.each([
  ['worked', 0],
  ['held', 0],
  ['quick', 1500],
  ['nothing', 1500],
  ['failed', 1500],
  ['not-registered', 5000],
] as const)('after a turn that %s the pause is %i ms', (end, ms) => {
  expect(after(end, 1).ms).toBe(ms);
});

test.each([
  [false, 0, 'nothing'],
  [false, 30_000, 'nothing'],
  [true, 499, 'quick'],
  [true, 500, 'held'],
] as const)('no work, held %s, after %i ms is %s', (held, ms, end) => {
  expect(noWorkEnd(held, ms)).toBe(end);
});
