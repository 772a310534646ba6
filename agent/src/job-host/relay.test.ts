import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../journal/format.ts';
import { relayOverSocket } from './relay.ts';
import { testRelay } from './testing/test-relay.ts';

const HOUR_MS = 3_600_000;

test('a courier that is away for an hour is waited for', async () => {
  await using dir = await tempDir();
  const clock = new FakeClock();
  await using relay = relayOverSocket(join(dir.path, JOURNAL.relaySocket), clock);
  const answer = relay.request({ method: 'HEAD', path: '/files', signal: AbortSignal.timeout(30_000) });
  for (const ms of [50, 5000, HOUR_MS]) {
    await clock.untilSleeping();
    await clock.advance(ms);
  }
  await clock.untilSleeping();
  await using _ = await testRelay(dir.path, () => ({ status: 204 }));
  await clock.advance(5000);
  expect(await answer).toMatchObject({ status: 204 });
});

test('a job whose journal was removed does not wait for a courier that cannot find it', async () => {
  await using dir = await tempDir();
  const clock = new FakeClock();
  await using relay = relayOverSocket(join(dir.path, JOURNAL.relaySocket), clock);
  const answer = relay.request({ method: 'HEAD', path: '/files', signal: AbortSignal.timeout(30_000) });
  await clock.untilSleeping();
  await rm(dir.path, { recursive: true });
  void clock.advance(5000);
  await expect(answer).rejects.toMatchObject({ code: 'relay-unreachable' });
});
