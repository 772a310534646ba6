import { expect, test } from 'vitest';
import { refusedProperties } from './refused-properties.ts';

const field = (key: string, secret: boolean) => ({
  key,
  title: key,
  type: 'text' as const,
  required: false,
  secret,
});

test('a property that is missing is named with what is wrong with it, behind those that were sent', () => {
  const drafts = [
    { key: 'image', value: '' },
    { key: 'size', value: 'L' },
  ];
  const problems = [
    { key: 'image', message: 'must not be blank' },
    { key: 'zone', message: 'is missing' },
    { key: 'zone', message: 'must be one of a, b' },
  ];
  const fields = [field('image', false), field('size', false)];
  expect(refusedProperties(drafts, problems, fields, (plain) => `sealed ${plain}`)).toEqual([
    { key: 'image', value: '', problems: ['must not be blank'] },
    { key: 'size', value: 'L', problems: [] },
    { key: 'zone', problems: ['is missing', 'must be one of a, b'] },
  ]);
});

test('a value is repeated in clear only if it is known to be no secret', () => {
  const drafts = [
    { key: 'token', value: 'my-secret' },
    { key: 'tokem', value: 'my-secret' },
    { key: 'token', encryptedValue: 'sealed before' },
  ];
  expect(refusedProperties(drafts, [], [field('token', true)], () => 'sealed')).toEqual([
    { key: 'token', encryptedValue: 'sealed', problems: [] },
    { key: 'tokem', problems: [] },
    { key: 'token', encryptedValue: 'sealed before', problems: [] },
  ]);
});
