import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { upgradeMutationsSuite } from './upgrade-mutations-suite.ts';

test('mutated releases and metadata are refused before anything runs, and what runs is unharmed', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(upgradeMutationsSuite, { runs: 320 });
  expect(rows.map(({ tried }) => tried).every((tried) => tried >= 3)).toBe(true);
});
