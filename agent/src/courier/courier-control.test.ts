import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentControl, AgentStatus } from '@go-agent/protocol/launch-contract';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fakeWork } from './testing/fake-job.ts';
import { readGuid, reportedSteps, untilCompleted, untilNoJobs, WHOLE_JOB } from './testing/observe.ts';
import { REAL_HOST, scriptWork, untilEvent } from './testing/real-job.ts';
import { type StartedAgent, startAgent } from './testing/start-agent.ts';

function say(agent: StartedAgent, message: AgentControl): void {
  agent.process.send(message);
}

function statuses(agent: StartedAgent): readonly AgentStatus[] {
  return agent.messages.flatMap((message) => (message.type === 'status' ? [message.status] : []));
}

function untilState(agent: StartedAgent, state: string): Promise<AgentStatus> {
  const last = () => statuses(agent).at(-1);
  return waitFor(() => (last()?.state === state ? last() : undefined), { describe: `the state ${state}` });
}

function requests(stub: ServerStub): number {
  return stub.requests.filter(({ endpoint }) => endpoint.endsWith('/get_work')).length;
}

test('an agent tells what it does whenever that changes, and how it is when it is asked', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(fakeWork(1, { untilFile }));
  // With pings that are held for long, the contact is not lost while this machine has other work.
  const settings = { 'ping-wait': '30s' };
  await using agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
  expect(await untilState(agent, 'building')).toMatchObject({ job: 'up42/1/up42_stage/1/up42_job' });
  await writeFile(untilFile, '');
  await untilState(agent, 'idle');
  await waitFor(() => statuses(agent).at(-1)?.connected);
  const before = statuses(agent).length;
  say(agent, { type: 'report' });
  await waitFor(() => statuses(agent).length > before);
  const status = statuses(agent).at(-1);
  expect(status).toMatchObject({ guid: await readGuid(home), connected: true, state: 'idle' });
  expect(status?.disk?.freeBytes).toBeGreaterThan(0);
  expect(Math.abs(Date.now() - (status?.lastContactAt ?? 0))).toBeLessThan(60_000);
});

test('an agent that no server has accepted yet tells what is in the way, and that it awaits approval once it does', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub({ autoApprove: false });
  {
    await using agent = startAgent({ home: home.path, serverUrl: 'http://127.0.0.1:1/go' });
    // Nobody has asked: whoever has just started it waits for this.
    await waitFor(() => statuses(agent).at(-1)?.problem?.includes('ECONNREFUSED'));
    expect(statuses(agent).at(-1)).toMatchObject({ connected: false, state: 'registering' });
  }
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await untilState(agent, 'pending');
  expect(statuses(agent).at(-1)).not.toHaveProperty('problem');
});

test('a drained agent finishes its job, asks for no more though it stays, and goes on when it may', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(fakeWork(1, { untilFile }));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 3\n'));
  say(agent, { type: 'drain' });
  await untilState(agent, 'draining');
  const asked = requests(stub);
  stub.queueWork(fakeWork(2));
  await writeFile(untilFile, '');
  expect(await untilState(agent, 'drained')).toMatchObject({
    notAskingBecause: expect.stringContaining('resume'),
  });
  const pings = stub.requests.filter(({ endpoint }) => endpoint.endsWith('/ping')).length;
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: pings + 2 });
  expect(requests(stub)).toBe(asked);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
  say(agent, { type: 'resume' });
  await waitFor(() => reportedSteps(stub).length === 2 * WHOLE_JOB.length);
});

test('a request for work that is held ends when the agent is drained', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using agent = startAgent({
    home: home.path,
    serverUrl: stub.url,
    settings: { 'work-wait': '60s' },
  });
  await waitFor(() => requests(stub) === 1);
  await untilState(agent, 'idle');
  say(agent, { type: 'drain' });
  await untilState(agent, 'drained');
  stub.queueWork(fakeWork(1));
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 3 });
  expect(reportedSteps(stub)).toEqual([]);
});

test('a job that outlasts the time of a drain is cancelled, told so on its console, and reported', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(scriptWork(1, 'echo up; sleep 3600'));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
  await waitFor(() => /&1\|\S+ up\n/.test(stub.consoleLog()));
  say(agent, { type: 'drain', deadlineMs: 3_600_000 });
  await untilState(agent, 'draining');
  say(agent, { type: 'drain', deadlineMs: 0 });
  expect((await untilCompleted(stub)).request).toMatchObject({ jobResult: 'Cancelled' });
  expect(stub.consoleLog()).toContain(
    '[go] The agent is to stop, and the time that it gave to this job is over.',
  );
  await untilState(agent, 'drained');
  await untilNoJobs(home);
});

test('a job that was taken over by an agent that is being drained has the same time', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(scriptWork(1, 'echo up; sleep 3600'));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
    await untilEvent(home, 1, 'building');
    agent.process.kill('SIGTERM');
    await agent.exited;
  }
  await using next = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
  say(next, { type: 'drain', deadlineMs: 0 });
  expect((await untilCompleted(stub)).request).toMatchObject({ jobResult: 'Cancelled' });
  await untilState(next, 'drained');
});

test('a stop while the server is away keeps the result of a job that is over, and the next agent reports it', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(scriptWork(1, `echo up; while [ ! -e ${untilFile} ]; do sleep 0.05; done`));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
    await waitFor(() => /&1\|\S+ up\n/.test(stub.consoleLog()));
    await waitFor(() => reportedSteps(stub).length === 2);
    const away = stub.fault({ kind: 'drop', match: () => true, times: Infinity });
    await writeFile(untilFile, '');
    await untilEvent(home, 1, 'completed');
    agent.process.send({ type: 'stop' });
    expect(await agent.exited).toBe(0);
    away.remove();
  }
  expect(reportedSteps(stub)).toEqual(['Preparing', 'Building']);
  await using _next = startAgent({ home: home.path, serverUrl: stub.url, ...REAL_HOST });
  await untilCompleted(stub);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
});

test('settings that change are applied if they can be, the others are named; nonsense changes nothing', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await mkdir(join(home.path, 'logs'));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await untilState(agent, 'idle');
  const { settings } = agent;
  say(agent, {
    type: 'settings',
    settings: { ...settings, 'disk-limit': '999999G', 'run-jobs-as': 'builder' },
  });
  const status = await waitFor(() =>
    statuses(agent).find(({ notAskingBecause }) => notAskingBecause !== undefined),
  );
  expect(status.notAskingBecause).toContain('disk-limit');
  await waitFor(() => statuses(agent).at(-1)?.restartFor);
  expect(statuses(agent).at(-1)?.restartFor).toEqual(['run-jobs-as']);
  say(agent, { type: 'settings', settings: { ...settings, 'disk-limit': 'a lot' } });
  await waitFor(async () => (await agent.log()).includes('The settings stay as they were'));
  say(agent, { type: 'settings', settings });
  await waitFor(() => statuses(agent).at(-1)?.notAskingBecause === undefined);
  expect(await readFile(join(home.path, 'logs/go-agent.log'), 'utf8')).toContain('run-jobs-as wait');
});
