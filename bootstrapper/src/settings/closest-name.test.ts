import { expect, test } from 'vitest';
import { closestName, editDistance } from './closest-name.ts';

test.each([
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['acb', 'abc', 1],
  ['grace', 'grcae', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %i steps', (a, b, steps) => {
  expect(editDistance(a, b)).toBe(steps);
});

test('the nearest name is meant, and something quite different means nothing', () => {
  const known = ['ping-wait', 'ping-delay', 'work-wait'];
  expect(closestName('pingwait', known)).toBe('ping-wait');
  expect(closestName('PING-DELAI', known)).toBe('ping-delay');
  expect(closestName('colour', known)).toBeUndefined();
});
