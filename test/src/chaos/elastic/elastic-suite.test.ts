import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { elasticSuite } from './elastic-suite.ts';

test('a short run of chaos around elastic agents breaks nothing', async () => {
  const rows = await runShort(elasticSuite, { runs: 10 });
  expect(rows[0]).toMatchObject({ what: 'interleavings', tried: 10, broke: 0 });
});
