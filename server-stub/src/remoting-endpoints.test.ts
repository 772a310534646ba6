import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { startServerStub } from './server-stub.ts';
import { job, TestingAgent, work } from './testing-agent.ts';

test('gives work at once, once, and NoWork without any', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);
  expect(await agent.getWork()).toBe('NoWork');
  stub.queueWork(work);
  expect(await agent.getWork()).toBe('BuildWork');
  expect(await agent.getWork()).toBe('NoWork');
});

test('a stock server gives work at the second call, and ignores the preference', async () => {
  await using stub = await startServerStub({ stock: true });
  const agent = new TestingAgent(stub);
  stub.queueWork(work);
  const first = await agent.call('get_work', 'GetWorkRequest', { prefer: 'wait=30' });
  expect(await first.json()).toEqual({ type: 'NoWork' });
  expect(first.headers.get('Preference-Applied')).toBeNull();
  expect(first.headers.get('Go-Agent-Server')).toBeNull();
  expect(first.headers.get('Set-Cookie')).toContain('JSESSIONID=');
  expect(await agent.getWork()).toBe('BuildWork');
});

test('holds get_work until there is work, until a bundle is offered, or until the time is over', async () => {
  const clock = new FakeClock();
  await using stub = await startServerStub({ clock });
  const agent = new TestingAgent(stub);

  const working = agent.getWork('wait=30');
  await clock.untilSleeping();
  stub.queueWork(work);
  expect(await working).toBe('BuildWork');

  const upgrading = agent.getWork('wait=30');
  await clock.untilSleeping();
  stub.offer('agent', Buffer.from('new'));
  expect(await upgrading).toBe('NoWork');

  const waiting = agent.call('get_work', 'GetWorkRequest', { prefer: 'wait=30' });
  await clock.untilSleeping();
  await clock.advance(30_000);
  const answer = await waiting;
  expect(answer.headers.get('Preference-Applied')).toBe('wait=30');
  expect(answer.headers.get('Go-Agent-Server')).toBe('1');
});

test('wakes a held ping with the instruction, and takes it back when the agent is idle', async () => {
  const clock = new FakeClock();
  await using stub = await startServerStub({ clock });
  const agent = new TestingAgent(stub);
  await agent.getCookie();

  const ping = agent.call('ping', 'PingRequest', { prefer: 'wait=5' });
  await clock.untilSleeping();
  stub.instruct('CANCEL');

  expect(await (await ping).text()).toBe('"CANCEL"');
  expect(await (await agent.call('ping', 'PingRequest')).text()).toBe('"NONE"');
});

test('records reports and knows jobs to be ignored', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);
  await agent.getCookie();
  stub.ignore(1);

  await agent.call('report_current_status', 'ReportCurrentStatusRequest', {
    jobIdentifier: job,
    jobState: 'Building',
  });
  await agent.call('report_completed', 'ReportCompleteStatusRequest', {
    jobIdentifier: job,
    jobResult: 'Passed',
  });
  const ignored = async (buildId: number) =>
    (await agent.call('is_ignored', 'IsIgnoredRequest', { jobIdentifier: { ...job, buildId } })).text();

  expect(stub.reports).toMatchObject([
    { action: 'report_current_status', request: { jobState: 'Building', jobIdentifier: { buildId: 1234 } } },
    { action: 'report_completed', request: { jobResult: 'Passed' } },
  ]);
  expect(await Promise.all([ignored(1), ignored(2)])).toEqual(['true', 'false']);
});

test('refuses a missing or stolen cookie with 500, an unknown agent with 403, and nonsense with 400', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);
  const ping = () => agent.call('ping', 'PingRequest');

  expect(await (await ping()).json()).toMatchObject({ error: expect.stringContaining('has no cookie set') });
  await agent.getCookie();
  expect((await ping()).status).toBe(200);
  stub.stealCookie(agent.uuid);
  const stolen = await ping();
  expect(stolen.status).toBe(500);
  expect(await stolen.json()).toMatchObject({ error: expect.stringContaining('has invalid cookie') });
  expect((await agent.call('is_ignored', 'IsIgnoredRequest')).status).toBe(400);
  stub.forget(agent.uuid);
  expect((await ping()).status).toBe(403);
});
