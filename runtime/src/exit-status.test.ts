import { expect, test } from 'vitest';
import { exitNumber } from './exit-status.ts';

test('shows an end by signal as 128 and the number of the signal', () => {
  expect(exitNumber({ code: 3, signal: null })).toBe(3);
  expect(exitNumber({ code: null, signal: 'SIGTERM' })).toBe(143);
  expect(exitNumber({ code: null, signal: 'SIGKILL' })).toBe(137);
});
