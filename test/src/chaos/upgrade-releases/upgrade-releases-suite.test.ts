import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { upgradeReleasesSuite } from './upgrade-releases-suite.ts';

test('agents come back from releases that do not work, and take the next good one', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(upgradeReleasesSuite, { runs: 2 });
  expect(rows.reduce((sum, { tried }) => sum + tried, 0)).toBe(4);
});
