import { truncate } from 'node:fs/promises';
import { smallDisk, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { launchFixture } from './testing/launch-fixture.ts';
import { launched, offer, stateOf } from './testing/launch-results.ts';

test('a new agent that fails on a full disk is not to blame, and proves itself when there is room', async ({
  skip,
}) => {
  const disk = await smallDisk('100m');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url, disk);
  const good = fixture.start();
  await good.running();
  await waitFor(async () => (await stateOf(fixture)).agent.lastGood === fixture.carried.agent.md5);
  await good.stop();

  const ballast = fixture.path('ballast');
  const fresh = fixture.agentBundle(
    'fresh',
    1,
    `const { appendFileSync, existsSync } = process.getBuiltinModule('node:fs');
    if (!existsSync(${JSON.stringify(ballast)})) {
      try { for (;;) appendFileSync(${JSON.stringify(ballast)}, Buffer.alloc(4096)); } catch { process.exit(1); }
    }`,
  );
  await offer(stub, 'agent', fresh);
  expect(await fixture.start().outcome).toBe(1);
  await truncate(ballast);
  const next = fixture.start();
  await next.running();
  expect((await launched(fixture)).label).toBe('fresh');
  await waitFor(async () => (await stateOf(fixture)).agent.lastGood === fresh.md5);
  expect((await stateOf(fixture)).agent.quarantined ?? []).toEqual([]);
  await next.stop();
});
