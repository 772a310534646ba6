import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { processIdentity } from '@go-agent/runtime';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import type { BuiltBundle } from '../../scripts/build-bundle.ts';
import type { LaunchState } from './state/launch-state.ts';
import { type LaunchFixture, launchFixture } from './testing/launch-fixture.ts';

const nowhere = 'http://127.0.0.1:1/go';

async function launched({ path }: LaunchFixture) {
  return JSON.parse(await readFile(path('launched.json'), 'utf8')) as {
    label: string;
    pid: number;
    message: { settings: object; offered: Record<string, string>; agentMd5: string };
  };
}

async function stateOf({ path }: LaunchFixture): Promise<LaunchState> {
  return JSON.parse(await readFile(path('data', 'state.json'), 'utf8')) as LaunchState;
}

async function offer(stub: ServerStub, name: 'agent' | 'agent-launcher', bundle: BuiltBundle): Promise<void> {
  stub.offer(name, await readFile(bundle.file));
}

function downloads(stub: ServerStub, name: string): number {
  return stub.requests.filter(({ method, path }) => method === 'GET' && path.endsWith(`/${name}.zip`)).length;
}

test('with no server to ask, the carried agent runs at once, with its settings and what it is', async () => {
  await using fixture = await launchFixture(nowhere);
  const one = fixture.start({ settings: { colour: 'blue' } });
  const status = await one.running();
  const { label, pid, message } = await launched(fixture);
  expect(label).toBe('carried');
  expect(status).toMatchObject({ phase: 'running', agentPid: pid, agentMd5: fixture.carried.agent.md5 });
  expect(message).toMatchObject({
    settings: { colour: 'blue' },
    agentMd5: fixture.carried.agent.md5,
    // No verdict: only a different offer shall count as new.
    offered: { agent: fixture.carried.agent.md5, launcher: fixture.carried.launcher.md5 },
  });
  expect(await one.stop()).toBe(LaunchOutcome.relaunch);
  expect(() => process.kill(pid, 0)).toThrow();
});

test('a stock server offers nothing: what is carried runs, and no offer is claimed', async () => {
  await using stub = await startServerStub({ stock: true });
  await using fixture = await launchFixture(stub.url);
  await fixture.start().running();
  expect((await launched(fixture)).message.offered).toEqual({});
});

test('the exit code of the agent is the outcome', async () => {
  await using fixture = await launchFixture(nowhere);
  expect(await fixture.start({ settings: { 'exit-code': '7' } }).outcome).toBe(7);
});

test('an agent that is killed from outside is lost', async () => {
  await using fixture = await launchFixture(nowhere);
  const one = fixture.start();
  const { agentPid } = await one.running();
  process.kill(agentPid!, 'SIGKILL');
  expect(await one.outcome).toBe(LaunchOutcome.agentLost);
});

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

test('a bootstrapper that was upgraded by hand brings its own agent back', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await offer(stub, 'agent', fixture.agentBundle('next'));
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  stub.offer('agent', null);
  const byHand = fixture.agentBundle('by-hand');
  const carried = { launcher: fixture.carried.launcher.file, agent: byHand.file };
  await fixture.start({ carried, settings: { 'exit-code': '0' } }).outcome;
  expect((await launched(fixture)).label).toBe('by-hand');
});

test('a state file that is damaged is made anew', async () => {
  await using fixture = await launchFixture(nowhere);
  await mkdir(fixture.path('data'));
  await writeFile(fixture.path('data', 'state.json'), '{"launcher": {"cur');
  await fixture.start().running();
  expect((await stateOf(fixture)).agent.current).toBe(fixture.carried.agent.md5);
});

test('an agent that a killed bootstrapper left is told to hand over, and ends before another one starts', async () => {
  await using fixture = await launchFixture(nowhere);
  const orphan = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const ended = once(orphan, 'exit');
  await writeFile(fixture.path('.agent.running'), JSON.stringify(processIdentity(orphan.pid!)));
  await fixture.start().running();
  expect(await ended).toEqual([null, 'SIGTERM']);
});

test('an agent lock whose process is gone, or is another by now, ends nobody', async () => {
  await using fixture = await launchFixture(nowhere);
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await writeFile(fixture.path('.agent.running'), JSON.stringify({ pid: stranger.pid, startTime: 1 }));
  await fixture.start().running();
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  stranger.kill('SIGKILL');
  await once(stranger, 'exit');
});

test('a home that another launcher holds is left alone: stop for good, with the reason told', async () => {
  await using fixture = await launchFixture(nowhere);
  const one = fixture.start();
  await one.running();
  const two = fixture.start();
  expect(await two.outcome).toBe(LaunchOutcome.stop);
  expect(two.statuses.at(-1)).toMatchObject({ phase: 'locking', detail: expect.stringMatching(/pid \d+/) });
  expect(one.statuses.at(-1)?.phase).toBe('running');
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
