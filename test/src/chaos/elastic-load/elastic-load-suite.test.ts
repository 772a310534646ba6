import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { elasticLoadSuite } from './elastic-load-suite.ts';

test('more jobs than agents may be: never more agents than allowed, each job once, agents used again', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(elasticLoadSuite, { runs: 12 });
  expect(rows.map(({ what }) => what)).toEqual(['jobs', 'agents']);
  expect(rows[0]).toMatchObject({ tried: 12, broke: 0 });
  expect(rows[1]).toMatchObject({ broke: 0, figures: { 'most at a time': 2 } });
});
