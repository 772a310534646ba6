import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { packBundle } from '../../scripts/build-bundle.ts';
import { launchFixture } from './testing/launch-fixture.ts';
import { downloads, launched, offer, stateOf } from './testing/launch-results.ts';

test('a new agent is downloaded, runs, and is what to come back to once it is accepted; older ones go', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.agentBundle('next');
  await offer(stub, 'agent', next);
  const one = fixture.start();
  await one.running();
  expect(await launched(fixture)).toMatchObject({ label: 'next', message: { offered: { agent: next.md5 } } });
  await one.stop();
  expect((await stateOf(fixture)).agent).toMatchObject({ current: next.md5, lastGood: next.md5 });
  expect(await readdir(fixture.path('data', 'agent'))).toEqual([next.md5]);

  const newest = fixture.agentBundle('newest');
  await offer(stub, 'agent', newest);
  const two = fixture.start();
  await two.running();
  expect((await launched(fixture)).label).toBe('newest');
  await two.stop();
  expect((await readdir(fixture.path('data', 'agent'))).toSorted((a, b) => a.localeCompare(b))).toEqual(
    [next.md5, newest.md5].toSorted((a, b) => a.localeCompare(b)),
  );
});

test('the agent that is here is not downloaded again', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  for (let launches = 0; launches < 2; launches++) {
    await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  }
  expect(downloads(stub, 'agent')).toBe(1);
});

for (const fault of ['wrongMd5', 'truncatedBody', 'garbageBody'] as const) {
  test(`a download with ${fault} changes nothing, and the same offer is left alone`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    await offer(stub, 'agent', fixture.agentBundle('next'));
    stub.fault({
      kind: fault,
      match: ({ method, path }) => method === 'GET' && path.endsWith('/agent.zip'),
      times: Infinity,
    });
    await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
    const { label, message } = await launched(fixture);
    expect(label).toBe('carried');
    // The agent must not see this offer as an upgrade again and again.
    expect(message.offered['agent']).toBe(fixture.agentBundle('next').md5);
    expect((await stateOf(fixture)).agent.refused?.md5).toBe(fixture.agentBundle('next').md5);
    expect((await readdir(fixture.path('data'))).filter((name) => name.endsWith('.download'))).toEqual([]);
    const before = downloads(stub, 'agent');
    await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
    expect(downloads(stub, 'agent')).toBe(before);
  });
}

test('a bundle of a later contract is refused, and the next offer is taken', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('future', 99));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('carried');
  expect((await stateOf(fixture)).agent.refused?.reason).toMatch(/contract 99/);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('next');
});

test('a transfer that breaks once is begun again', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  stub.fault({
    kind: 'truncatedBody',
    match: ({ method, path }) => method === 'GET' && path.endsWith('/agent.zip'),
  });
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('next');
});

test('a server that answers 503 is no verdict: the downloaded agent runs on', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  stub.fault({ kind: 'status', status: 503, match: () => true, times: Infinity });
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('next');
});

test('a downloaded agent that is damaged on the disk is fetched again', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.agentBundle('next');
  await offer(stub, 'agent', next);
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  await writeFile(
    fixture.path('data', 'agent', next.md5, 'agent.mjs'),
    'export function main() { process.exit(3) }',
  );
  expect(await fixture.start({ settings: { 'exit-code': '0' } }).outcome).toBe(0);
  expect(downloads(stub, 'agent')).toBe(2);
});

test('a damaged agent and no server: another whole one runs', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.agentBundle('next');
  await offer(stub, 'agent', next);
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  await stub.goAway();
  await rm(fixture.path('data', 'agent', next.md5, 'agent.mjs'));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('carried');
});

test('a new launcher is put in place and this one makes way, without starting an agent', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.launcherBundle('next');
  await offer(stub, 'agent-launcher', next);
  expect(await fixture.start().outcome).toBe(LaunchOutcome.replaced);
  expect((await stateOf(fixture)).launcher).toMatchObject({
    current: next.md5,
    carriedMd5: fixture.carried.launcher.md5,
  });
  expect(await readdir(fixture.path('data', 'launcher'))).toEqual([`${next.md5}.zip`]);
  expect(existsSync(fixture.path('launched.json'))).toBe(false);
});

test('a new launcher of a later contract is refused, and the agent runs', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent-launcher', fixture.launcherBundle('future', 99));
  await fixture.start().running();
  expect((await stateOf(fixture)).launcher.refused?.reason).toMatch(/contract 99/);
});

test('a slow download is waited for; asked to stop in its midst, the launcher ends and leaves nothing of it', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  const match = ({ method, path }: { method: string; path: string }) =>
    method === 'GET' && path.endsWith('/agent.zip');
  stub.fault({ kind: 'slowBody', bytesPerSecond: 10, match });
  const one = fixture.start();
  await stub.received(match);
  await one.stop();
  expect(one.statuses.map(({ phase }) => phase)).toEqual(['locking', 'checking', 'downloading']);
  expect((await readdir(fixture.path('data'))).filter((name) => name.endsWith('.download'))).toEqual([]);
  // Being stopped says nothing about the offer.
  expect((await stateOf(fixture)).agent.refused).toBeUndefined();
  stub.fault({ kind: 'slowBody', bytesPerSecond: 3_000, match });
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('next');
});

test('a bundle of plugins is unpacked, and the agent is told where it is', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const bundle = packBundle(
    { name: 'agent-plugins', version: '1', file: fixture.path('made', 'plugins.zip') },
    new Map([['greeter/plugin.json', '{"id":"greeter","command":"sh"}']]),
  );
  await offer(stub, 'agent-plugins', bundle);
  await fixture.start().running();
  const { pluginsFolder, offered } = (await launched(fixture)).message;
  expect(offered['plugins']).toBe(bundle.md5);
  expect(pluginsFolder).toBe(fixture.path('data', 'agent-plugins', bundle.md5));
  expect(await readFile(`${pluginsFolder}/greeter/plugin.json`, 'utf8')).toContain('"greeter"');
});
