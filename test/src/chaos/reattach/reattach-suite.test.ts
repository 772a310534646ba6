import { expect, test } from 'vitest';
import { runShort } from '../run-short.ts';
import { reattachSuite } from './reattach-suite.ts';

test('a job passes once, with its whole console, though its agent is killed or replaced', {
  timeout: 600_000,
}, async () => {
  const rows = await runShort(reattachSuite, { runs: 2 });
  expect(rows.map(({ tried }) => tried)).toEqual([1, 1]);
});
