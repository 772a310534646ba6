import { treeKinds } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { cancelSuite } from './cancel-suite.ts';

test('of a cancelled job of every kind nothing is left at its end, and it says how it was contained', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(cancelSuite, { runs: 2 * treeKinds.length });
  expect(rows.reduce((sum, { tried }) => sum + tried, 0)).toBe(3 * treeKinds.length);
  const sessions = rows.filter(({ what }) => what.includes('sessions only'));
  expect(sessions.map(({ figures }) => figures?.['level'])).toEqual(treeKinds.map(() => 'session'));
});
