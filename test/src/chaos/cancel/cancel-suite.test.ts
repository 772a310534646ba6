import { treeKinds } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { cancelSuite } from './cancel-suite.ts';

test('a cancelled job of every kind is gone one second after the grace, and says how it was contained', async () => {
  const rows = await runShort(cancelSuite, { runs: 2 * treeKinds.length });
  expect(rows.reduce((sum, { tried }) => sum + tried, 0)).toBe(3 * treeKinds.length);
  const sessions = rows.filter(({ what }) => what.includes('sessions only'));
  expect(sessions.map(({ figures }) => figures?.['level'])).toEqual(treeKinds.map(() => 'session'));
});
