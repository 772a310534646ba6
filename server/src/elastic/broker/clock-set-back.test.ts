import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { openBroker } from '../testing/open-broker.ts';

test('a clock that is set back by an hour does not keep a plugin from being asked about a job that waits', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const { clock } = it.fixture;
  it.cloud.mischief = () => 'silence';
  await it.trigger();
  const [wait] = await waitFor(() => (it.waiting()[0]?.action === 'wait' ? it.waiting() : undefined));
  expect(wait?.reason).toBe('The plugin said nothing about this job.');
  const before = it.cloud.asked.length;
  clock.setNow(clock.now() - 3_600_000);
  await clock.advance(60_000);
  expect(it.cloud.asked.length).toBeGreaterThan(before);
});
