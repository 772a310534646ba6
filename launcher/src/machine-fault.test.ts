import { ExitCode, LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { launchFixture } from './testing/launch-fixture.ts';
import { launched, offer, stateOf } from './testing/launch-results.ts';

const settings = { probation: '60s' };

test('an agent on trial that refuses the settings of its machine gives way to the one before', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const good = fixture.start();
  await good.running();
  await good.stop();
  const next = fixture.agentBundle('next', 1, 'process.exit(2);');
  await offer(stub, 'agent', next);
  expect(await fixture.start({ settings }).outcome).toBe(LaunchOutcome.relaunch);
  const { agent } = await stateOf(fixture);
  expect(agent).toMatchObject({ current: fixture.carried.agent.md5, quarantined: [{ md5: next.md5 }] });
  await fixture.start({ settings }).running();
  expect((await launched(fixture)).label).toBe('carried');
});

test('a certificate that cannot be read ends no launcher: its agent runs, and says so', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const one = fixture.start({
    settings: { ...settings, 'root-cert-file': '/no/such/file', 'exit-code': '2' },
  });
  expect(await one.outcome).toBe(ExitCode.usage);
  expect(one.statuses.map(({ phase }) => phase)).toContain('running');
  expect(await fixture.logLines()).toContainEqual(
    expect.stringMatching(/root-cert-file: .*\/no\/such\/file/),
  );
});
