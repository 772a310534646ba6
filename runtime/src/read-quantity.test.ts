import { expect, test } from 'vitest';
import { readQuantity } from './read-quantity.ts';

for (const [kind, text, expected] of [
  ['time', '90s', 90_000],
  ['time', '250', 250],
  ['time', '2 h', 7_200_000],
  ['size', '512M', 536_870_912],
  ['size', '7', 7],
  ['size', '5s', undefined],
  ['time', '1.5s', undefined],
  ['time', '', undefined],
  ['time', '-1s', undefined],
  ['time', '1 constructor', undefined],
] as const) {
  test(`"${text}" as a ${kind} is ${expected}`, () => {
    expect(readQuantity(kind, text)).toBe(expected);
  });
}
