import { expect, test } from 'vitest';
import { AppError, describeError, toError } from './app-error.ts';

test('an AppError has a code, is not retryable unless it says so, and keeps its cause', () => {
  const cause = new Error('disk full');
  expect(new AppError('a-code', 'Could not write', { cause })).toMatchObject({
    code: 'a-code',
    retryable: false,
    cause,
  });
  expect(new AppError('a-code', 'Try later', { retryable: true }).retryable).toBe(true);
  expect('cause' in new AppError('a-code', 'alone')).toBe(false);
});

test('describes an error with all its causes, and whatever else was thrown', () => {
  const error = new Error('outer', { cause: new TypeError('inner', { cause: 'deepest' }) });
  expect(describeError(error)).toBe('outer: inner: deepest');
  expect(describeError(new RangeError(''))).toBe('RangeError');
  expect(toError(7).message).toBe('7');
});

test('describes an error that causes itself without going on for ever', () => {
  const error = new Error('round');
  error.cause = error;
  expect(describeError(error).split(': ')).toHaveLength(6);
});
