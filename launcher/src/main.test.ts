import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCHER_LOCK, LaunchOutcome, type LaunchStatus } from '@go-agent/protocol/launch-contract';
import { expect, test } from 'vitest';
import { main } from './main.ts';
import { launchFixture } from './testing/launch-fixture.ts';

test("a launcher that fails before it has the lock never says that it has: the home is another one's", async () => {
  await using fixture = await launchFixture('http://127.0.0.1:1/go');
  // Somebody has the lock; who that is cannot be read.
  await mkdir(join(fixture.home, LAUNCHER_LOCK));
  const statuses: LaunchStatus[] = [];
  const control = {
    stop: new AbortController().signal,
    report: (status: LaunchStatus) => void statuses.push(status),
  };
  expect(await main(fixture.request, control)).toBe(LaunchOutcome.launcherFailed);
  expect(statuses).toEqual([
    { phase: 'locking' },
    { phase: 'locking', detail: expect.stringContaining('does not say whose it is') },
  ]);
});
