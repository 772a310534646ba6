import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { secretsSuite } from './secrets-suite.ts';

test('fuzzed masking leaves no form of a secret and changes no other byte', async () => {
  const rows = await runShort(secretsSuite, { runs: 10_000 });
  expect(rows.map(({ figures }) => figures)).toEqual([
    { leaks: 0, 'other bytes changed': 0 },
    { leaks: 0, 'other bytes changed': 0 },
  ]);
});
