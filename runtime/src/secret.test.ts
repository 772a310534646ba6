import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('shows its value to nobody who does not ask for it by name', () => {
  const secret = new Secret('hunter2');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }),
    Object.values(secret).join(''),
  ];
  expect(shown.join(' ')).not.toContain('hunter2');
  expect(shown[0]).toBe('***');
  expect(secret.reveal()).toBe('hunter2');
});
