import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { processIdentity } from '@go-agent/runtime';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { launchFixture } from './testing/launch-fixture.ts';
import { launched, offer, stateOf } from './testing/launch-results.ts';

const nowhere = 'http://127.0.0.1:1/go';

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
