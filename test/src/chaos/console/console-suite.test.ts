import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { consoleSuite } from './console-suite.ts';

test('the stored console is the journal, byte for byte, whatever was killed or cut in between', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(consoleSuite, { runs: 4, megabytes: 5 });
  expect(rows.map(({ tried }) => tried)).toEqual([1, 1, 1, 1]);
});
