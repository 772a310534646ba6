import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { LaunchOutcome, RETRY_UPGRADES_FILE } from '@go-agent/protocol/launch-contract';
import { waitFor } from '@go-agent/runtime/testing';
import { type FaultHandle, type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import type { SwapStep } from './swap-step.ts';
import { type LaunchFixture, launchFixture } from './testing/launch-fixture.ts';
import { downloads, launched, offer, stateOf } from './testing/launch-results.ts';

/** Time enough for any start, so that no agent fails for that instead of for its misdeed. */
const patient = { probation: '60s' };

/** An agent that has proved itself, and the offer of one that does as `misdeed` says. */
async function withOffer(stub: ServerStub, fixture: LaunchFixture, misdeed: string) {
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  const good = fixture.start();
  await good.running();
  await good.stop();
  const bad = fixture.agentBundle('bad', 1, misdeed);
  await offer(stub, 'agent', bad);
  return bad;
}

for (const [title, misdeed, reason, probation] of [
  ['ends with 1', 'process.exit(1);', /ended with exit code 1/, '60s'],
  ['throws', `throw new Error('broken');`, /ended with exit code 7|ended with exit code 1/, '60s'],
  ['crashes', `process.kill(process.pid, 'SIGSEGV');`, /crashed with SIGSEGV/, '60s'],
  ['is never ready', 'return;', /not ready within 1 s/, '1s'],
  ['hangs', 'for (;;);', /not ready within 1 s/, '1s'],
  ['is never accepted', `process.send({ type: 'ready' }); return;`, /accepted no ping of it/, '10s'],
  ['crashes after a while', `setTimeout(() => process.exit(1), 1000);`, /exit code 1 after/, '60s'],
  [
    'eats memory',
    `const all = []; setInterval(() => all.push(Buffer.alloc(40e6, 1)), 100);`,
    /of memory; agent-memory-limit is 300 MB/,
    '60s',
  ],
] as const) {
  test(`a new agent that ${title} gives way to the one before, and is not tried again`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    const bad = await withOffer(stub, fixture, misdeed);
    const settings = { probation, 'agent-memory-limit': '300M' };
    expect(await fixture.start({ settings }).outcome).toBe(LaunchOutcome.relaunch);
    const { agent } = await stateOf(fixture);
    expect(agent).toMatchObject({ current: fixture.carried.agent.md5, lastGood: fixture.carried.agent.md5 });
    expect(agent.quarantined).toMatchObject([{ md5: bad.md5, reason: expect.stringMatching(reason) }]);
    expect(agent.probation).toBeUndefined();

    const again = fixture.start({ settings: patient });
    await again.running();
    const { label, message } = await launched(fixture);
    expect(label).toBe('carried');
    // So that it does not end for this offer.
    expect(message.offered['agent']).toBe(bad.md5);
    expect(downloads(stub, 'agent')).toBe(1);
    expect(existsSync(fixture.path('data', 'agent', bad.md5))).toBe(false);
    await again.stop();

    const next = fixture.agentBundle('next');
    await offer(stub, 'agent', next);
    await fixture.start({ settings: patient }).running();
    expect((await launched(fixture)).label).toBe('next');
  });
}

test('what has failed is tried again when the operator asks for that, once', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const order = fixture.path('data', RETRY_UPGRADES_FILE);
  const bad = await withOffer(stub, fixture, `process.exit(1);`);
  for (let tries = 1; tries <= 2; tries++) {
    expect(await fixture.start({ settings: patient }).outcome).toBe(LaunchOutcome.relaunch);
    expect((await stateOf(fixture)).agent.quarantined).toMatchObject([{ md5: bad.md5 }]);
    expect(existsSync(order)).toBe(false);
    await writeFile(order, '');
  }
});

test('a server that is down is no verdict; once it answers, there is one', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const bad = await withOffer(stub, fixture, `process.send({ type: 'ready' }); return;`);
  const questions = () =>
    stub.requests.filter(({ method, path }) => method === 'HEAD' && path.endsWith('/agent.zip')).length;
  let fault: FaultHandle | undefined;
  const down = async (step: SwapStep) => {
    if (step === 'started')
      fault = stub.fault({ kind: 'status', status: 503, match: () => true, times: Infinity });
  };
  const one = fixture.start({ settings: { probation: '6s' } }, down);
  await waitFor(() => one.statuses.some(({ detail }) => detail === 'ready'));
  const before = questions();
  // Six of them are as long as a probation.
  await waitFor(() => questions() > before + 12, { describe: 'questions to a server that is down' });
  expect(one.statuses.at(-1)?.phase).toBe('running');
  expect((await stateOf(fixture)).agent.quarantined).toBeUndefined();
  fault?.remove();
  expect(await one.outcome).toBe(LaunchOutcome.relaunch);
  expect((await stateOf(fixture)).agent.quarantined).toMatchObject([{ md5: bad.md5 }]);
});

test('an agent that has proved itself and eats memory is ended and started again, and remains', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  // Once it has been told that it has proved itself.
  const misdeed = `process.on('message', ({ type }) => {
    if (type === 'versions') setInterval(() => (globalThis.all ??= []).push(Buffer.alloc(4e7, 1)), 200);
  });`;
  const greedy = fixture.agentBundle('greedy', 1, misdeed);
  await offer(stub, 'agent', greedy);
  const one = fixture.start({ settings: { probation: '0', 'agent-memory-limit': '400M' } });
  expect(await one.outcome).toBe(LaunchOutcome.agentLost);
  expect(one.statuses.at(-1)?.detail).toMatch(/of memory; agent-memory-limit is 400 MB/);
  expect((await stateOf(fixture)).agent).toMatchObject({ current: greedy.md5, lastGood: greedy.md5 });
});

test('an agent that ends again and again before it has proved itself gives way', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const bad = await withOffer(stub, fixture, `process.kill(process.pid, 'SIGKILL');`);
  for (let launches = 0; launches < 5; launches++)
    expect(await fixture.start({ settings: patient }).outcome).toBe(LaunchOutcome.agentLost);
  await fixture.start({ settings: patient }).running();
  expect((await launched(fixture)).label).toBe('carried');
  expect((await stateOf(fixture)).agent.quarantined).toMatchObject([
    { md5: bad.md5, reason: expect.stringMatching(/5 times/) },
  ]);
});

test('launches that the operator ends are not held against a new agent', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const fine = await withOffer(stub, fixture, '');
  for (let launches = 0; launches < 7; launches++) {
    const one = fixture.start({ settings: { probation: '60s' } });
    await one.running();
    await one.stop();
  }
  expect((await stateOf(fixture)).agent).toMatchObject({ current: fine.md5 });
  expect((await stateOf(fixture)).agent.probation).toBeUndefined();
});

test('the only agent there is goes on, however often it fails', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  for (let launches = 0; launches < 3; launches++)
    expect(await fixture.start({ settings: { ...patient, 'exit-code': '3' } }).outcome).toBe(3);
  expect((await stateOf(fixture)).agent).toMatchObject({ current: fixture.carried.agent.md5 });
});

test('a carried agent that fails, from a bootstrapper that was upgraded by hand, gives way to the last good one', async () => {
  await using stub = await startServerStub({ stock: true });
  await using fixture = await launchFixture(stub.url);
  const good = fixture.start();
  await good.running();
  await good.stop();
  const byHand = fixture.agentBundle('by-hand', 1, 'process.exit(9);');
  const carried = { launcher: fixture.carried.launcher.file, agent: byHand.file };
  expect(await fixture.start({ carried, settings: patient }).outcome).toBe(LaunchOutcome.relaunch);
  await fixture.start({ carried, settings: patient }).running();
  expect((await launched(fixture)).label).toBe('carried');
});

test('with a good agent, it is the new launcher that is to blame for one that is never ready', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const good = fixture.start();
  await good.running();
  await good.stop();
  const launcherMd5 = 'f'.repeat(32);
  const settings = { probation: '500ms', silent: 'yes' };
  expect(await fixture.start({ launcherMd5, settings }).outcome).toBe(LaunchOutcome.replaced);
  expect((await stateOf(fixture)).launcher).toMatchObject({
    current: fixture.carried.launcher.md5,
    quarantined: [{ md5: launcherMd5, reason: expect.stringMatching(/not ready/) }],
  });
});

test('launchers that the bootstrapper has given up are remembered, and never put in place again', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const bad = fixture.launcherBundle('bad');
  await offer(stub, 'agent-launcher', bad);
  const failedLaunchers = [{ md5: bad.md5, reason: 'it hung' }];
  await fixture.start({ failedLaunchers }).running();
  await fixture.start({}).stop();
  expect((await stateOf(fixture)).launcher.quarantined).toMatchObject([{ md5: bad.md5, reason: 'it hung' }]);
  expect(downloads(stub, 'agent-launcher')).toBe(0);
});

for (const [title, isDown, remembered] of [
  ['while the server answers', false, 1],
  ['while the server is down', true, 0],
] as const) {
  test(`a launcher given up for an agent that was not accepted, ${title}: remembered ${remembered} times`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    if (isDown) await stub.goAway();
    const failedLaunchers = [{ md5: 'e'.repeat(32), reason: 'no ping', unproven: true }];
    await fixture.start({ failedLaunchers }).running();
    expect((await stateOf(fixture)).launcher.quarantined ?? []).toHaveLength(remembered);
  });
}

test('the server is told what runs here and what has failed; the agent too, with each change', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await mkdir(fixture.path('config'));
  await writeFile(fixture.path('config', 'guid.txt'), 'the-guid\n');
  const bad = await withOffer(stub, fixture, 'process.exit(1);');
  await fixture.start({ settings: patient }).outcome;
  await fixture.start({ settings: patient }).running();
  const last = stub.requests.findLast(({ path }) => path.endsWith('/agent.zip'));
  expect(last?.headers['x-agent-guid']).toBe('the-guid');
  const said = JSON.parse(String(last?.headers['x-agent-versions'])) as object;
  expect(said).toMatchObject({
    agent: { current: fixture.carried.agent.md5, probation: false, quarantined: [{ md5: bad.md5 }] },
  });
  expect(JSON.parse((await launched(fixture)).message.versions ?? '')).toEqual(said);
});

test('plugins stay while an unfinished job needs them, and go after it', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const folder = (md5: string) => fixture.path('data', 'agent-plugins', md5);
  const [used, unused] = ['a'.repeat(32), 'b'.repeat(32)] as const;
  for (const md5 of [used, unused]) await mkdir(folder(md5), { recursive: true });
  const job = fixture.path('jobs', '17');
  await mkdir(job, { recursive: true });
  await writeFile(`${job}/assignment.json`, JSON.stringify({ pluginFolders: ['/elsewhere', folder(used)] }));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect(await readdir(fixture.path('data', 'agent-plugins'))).toEqual([used]);
  await rm(`${job}/assignment.json`);
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect(await readdir(fixture.path('data', 'agent-plugins'))).toEqual([]);
});

test('a stock server is asked once in each launch, without a loop, and with one line in the log', async () => {
  await using stub = await startServerStub({ stock: true });
  await using fixture = await launchFixture(stub.url);
  const one = fixture.start({ settings: { probation: '1s' } });
  await one.running();
  await waitFor(async () => (await stateOf(fixture)).agent.lastGood !== undefined);
  await one.stop();
  const asked = stub.requests.filter(({ path }) => path.includes('agent-bundles'));
  expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'HEAD', 'HEAD']);
  expect((await fixture.logLines()).filter((line) => line.includes('offers no bundles'))).toHaveLength(1);
});
