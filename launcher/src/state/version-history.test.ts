import { expect, test } from 'vitest';
import { comeBackTo, countLaunch, isOnTrial, quarantine } from './version-history.ts';

const [a, b, c] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)] as const;
const failed = (md5: string) => ({ md5, reason: 'r', at: 1 });

for (const [title, state, expected] of [
  ['nothing else', {}, undefined],
  ['the last good one', { lastGood: b, carriedMd5: c }, b],
  ['only itself as the last good one, and a carried one', { lastGood: a, carriedMd5: c }, c],
  ['a last good one that failed since', { lastGood: b, carriedMd5: c, quarantined: [failed(b)] }, c],
  ['nothing but itself', { lastGood: a, carriedMd5: a }, undefined],
] as const) {
  test(`what to go back to with ${title}`, () => {
    expect(comeBackTo(state, a)).toBe(expected);
  });
}

test('a version is on trial until it is the last good one, if there is another to go back to', () => {
  expect(isOnTrial({ lastGood: b }, a)).toBe(true);
  expect(isOnTrial({ lastGood: a, carriedMd5: b }, a)).toBe(false);
  expect(isOnTrial({ carriedMd5: a }, a)).toBe(false);
});

test('launches are counted for each version anew', () => {
  const first = countLaunch({}, a, 5);
  expect(countLaunch({ probation: first }, a, 9)).toEqual({ md5: a, since: 5, launches: 2 });
  expect(countLaunch({ probation: first }, b, 9)).toEqual({ md5: b, since: 9, launches: 1 });
});

test('a version that fails gives way in one step, and is remembered; the oldest of many is forgotten', () => {
  const state = { current: a, lastGood: b, probation: { md5: a, since: 1, launches: 1 } };
  expect(quarantine(state, a, 'it hung', 7)).toEqual({
    current: b,
    probation: undefined,
    quarantined: [{ md5: a, reason: 'it hung', at: 7 }],
  });
  const many = Array.from({ length: 20 }, (_, i) => failed(String(i).padStart(32, '0')));
  const { quarantined = [] } = quarantine({ ...state, quarantined: many }, a, 'x'.repeat(999), 7);
  expect(quarantined).toHaveLength(20);
  expect(quarantined.at(-1)).toMatchObject({ md5: a, reason: 'x'.repeat(300) });
  expect(quarantine({ current: b, lastGood: b }, a, 'r', 1).current).toBe(b);
});
