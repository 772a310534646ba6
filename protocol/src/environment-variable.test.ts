import { expect, test } from 'vitest';
import { effectiveValue } from './environment-variable.ts';

const secret = (key: string, value: string) => ({ secretConfigId: 'vault', key, value, resolved: true });

test('each secret takes the first place of its placeholder', () => {
  expect(effectiveValue('x{{SECRET:[vault][db_pass]}}y', [secret('db_pass', 'resolved-pw')])).toEqual({
    type: 'value',
    value: 'xresolved-pwy',
  });
  const text = '{{SECRET:[vault][a]}}-{{SECRET:[vault][b]}}-{{SECRET:[vault][a]}}';
  expect(effectiveValue(text, [secret('a', '1'), secret('b', '2'), secret('a', '3')])).toEqual({
    type: 'value',
    value: '1-2-3',
  });
});

test('a secret is put in as it is, dollar signs and all', () => {
  expect(effectiveValue('{{SECRET:[vault][a]}}', [secret('a', `$& $1 $' $$`)])).toEqual({
    type: 'value',
    value: `$& $1 $' $$`,
  });
});

test('a secret that the server did not resolve is named, not its text', () => {
  const unresolved = { secretConfigId: 'vault', key: 'a', resolved: false };
  expect(effectiveValue('{{SECRET:[vault][a]}}', [unresolved])).toEqual({
    type: 'unresolved',
    secret: { secretConfigId: 'vault', key: 'a' },
  });
});
