import { readdir, readFile, stat } from 'node:fs/promises';
import { MemoryRelease } from '@go-agent/release/testing';
import { waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { launchFixture } from './testing/launch-fixture.ts';
import { downloads, launched, offer, stateOf } from './testing/launch-results.ts';

const once = { settings: { 'exit-code': '0' } };
const retryOf = (message: object) => (message as { retryUpgradeAt?: number }).retryUpgradeAt;

test('a bundle that nobody signed is not even downloaded, and is looked at again in an hour', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.agentBundle('next');
  const zip = await readFile(next.file);
  stub.offer('agent', zip);
  const stranger = new MemoryRelease();
  stranger.list('agent', zip);
  stub.offerTrust(stranger.sign());
  const before = Date.now();
  await fixture.start(once).outcome;
  const { label, message } = await launched(fixture);
  expect(label).toBe('carried');
  expect(retryOf(message)).toBeGreaterThanOrEqual(before + 3_600_000);
  expect((await stateOf(fixture)).agent.refused).toMatchObject({
    md5: next.md5,
    reason: expect.stringContaining('not trusted'),
  });
  expect(downloads(stub, 'agent')).toBe(0);
});

test('metadata that cannot be fetched is no verdict: nothing is refused, and it is tried again in a minute', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  stub.fault({ kind: 'status', status: 503, match: '/timestamp.json' });
  const before = Date.now();
  await fixture.start(once).outcome;
  const { label, message } = await launched(fixture);
  expect(label).toBe('carried');
  expect(retryOf(message)).toBeGreaterThanOrEqual(before + 60_000);
  expect((await stateOf(fixture)).agent.refused).toBeUndefined();
  await fixture.start(once).outcome;
  expect((await launched(fixture)).label).toBe('next');
  expect(retryOf((await launched(fixture)).message)).toBeUndefined();
});

test('a busy server is left alone for as long as it asks, while what is here runs', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  stub.fault({
    kind: 'status',
    status: 503,
    headers: { 'Retry-After': '90' },
    match: ({ method, path }) => method === 'GET' && path.endsWith('/agent.zip'),
  });
  const before = Date.now();
  await fixture.start(once).outcome;
  const { label, message } = await launched(fixture);
  expect(label).toBe('carried');
  expect(retryOf(message)).toBeGreaterThanOrEqual(before + 90_000);
  expect(retryOf(message)).toBeLessThan(Date.now() + 91_000);
  expect((await stateOf(fixture)).agent.refused).toBeUndefined();
});

test('a download that was cut when the launcher was stopped goes on at the next launch', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const next = fixture.agentBundle('next');
  await offer(stub, 'agent', next);
  const isDownload = ({ method, path }: { method: string; path: string }) =>
    method === 'GET' && path.endsWith('/agent.zip');
  stub.fault({ kind: 'slowBody', bytesPerSecond: 400, match: isDownload });
  const one = fixture.start();
  const part = fixture.path('data', 'downloads', `agent-${next.md5}.part`);
  await waitFor(async () => (await stat(part).catch(() => ({ size: 0 }))).size > 0, { describe: 'a part' });
  await one.stop();
  await fixture.start(once).outcome;
  expect((await launched(fixture)).label).toBe('next');
  expect(stub.requests.filter(isDownload).at(-1)?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  expect(await readdir(fixture.path('data', 'downloads'))).toEqual([]);
});

test('a version that was taken off the list is not changed to, even if it is here already', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  const [old, newer] = [fixture.agentBundle('old'), fixture.agentBundle('newer')];
  for (const bundle of [old, newer]) {
    await offer(stub, 'agent', bundle);
    const running = fixture.start();
    await running.running();
    await running.stop();
  }
  const without = new MemoryRelease();
  stub.offerTrust(without.sign());
  stub.offer('agent', await readFile(old.file));
  await fixture.start(once).outcome;
  expect((await launched(fixture)).label).toBe('newer');
});

test('an ordinary launch asks for no metadata', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  await fixture.start(once).outcome;
  const asked = () => stub.requests.filter(({ path }) => path.includes('/agent-trust/')).length;
  const before = asked();
  expect(before).toBeGreaterThan(0);
  await fixture.start(once).outcome;
  expect(asked()).toBe(before);
});
