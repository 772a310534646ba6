import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fakeConsole, fakeWork } from './testing/fake-job.ts';
import { readGuid, reportedSteps, untilCompleted, untilNoJobs, WHOLE_JOB } from './testing/observe.ts';
import { type StartedAgent, startAgent } from './testing/start-agent.ts';

test('a new agent registers with its key, runs a job, reports each step in order, and removes key and journal', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub({ autoApprove: false, autoRegisterKey: 'k3y' });
  await mkdir(join(home.path, 'config'));
  const properties = join(home.path, 'config', 'autoregister.properties');
  await writeFile(properties, 'agent.auto.register.key=k3y\nagent.auto.register.resources=linux\n');
  stub.queueWork(fakeWork(1));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });

  await untilCompleted(stub);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
  expect(stub.consoleLog()).toBe(fakeConsole(3));
  expect(stub.registrations[0]).toMatchObject({ agentAutoRegisterResources: 'linux', location: home.path });
  expect(await readFile(properties, 'utf8')).not.toContain('k3y');
  expect(await agent.log()).not.toContain('k3y');
  await untilNoJobs(home);
  const proofs = () => agent.messages.map(({ type }) => type).filter((type) => type !== 'status');
  await waitFor(() => proofs().length === 2);
  expect(proofs()).toEqual(['ready', 'registered']);
});

test('a registered agent does without its key file; a new one waits for it, and is no stranger to the server meanwhile', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub({ autoApprove: false, autoRegisterKey: 'k3y' });
  const keyFile = join(home.path, 'key');
  const settings = { 'auto-register-key-file': keyFile };
  const accepted = (agent: StartedAgent) =>
    waitFor(() => agent.messages.some(({ type }) => type === 'registered'));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
    await waitFor(async () => /A new agent needs its key.*ENOENT/.test(await agent.log().catch(() => '')));
    expect(stub.registrations).toEqual([]);
    await writeFile(keyFile, 'k3y');
    await accepted(agent);
  }
  await rm(keyFile);
  await using agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
  await accepted(agent);
});

test('the first ping comes at once and may not be held, so that an agent that was killed is known again; the next one may', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const settings = { 'ping-delay': '1h', 'ping-wait': '30s' };
  for (const starts of [1, 2]) {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
    await waitFor(() => agent.messages.some(({ type }) => type === 'registered'));
    await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 2 * starts });
  }
  const pings = stub.requests.filter(({ endpoint }) => endpoint.endsWith('/ping'));
  expect(pings.map(({ headers }) => headers['prefer'])).toEqual([undefined, 'wait=30', undefined, 'wait=30']);
});

test('an agent works for a stock server by asking again and again, and keeps its session', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub({ stock: true });
  stub.queueWork(fakeWork(1));
  stub.queueWork(fakeWork(2, { lines: 500 }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => reportedSteps(stub).length === 10);
  expect(reportedSteps(stub)).toEqual([...WHOLE_JOB, ...WHOLE_JOB]);
  expect(stub.consoleLog()).toBe(fakeConsole(3) + fakeConsole(500));
  const remoting = stub.requests.filter(({ endpoint }) => endpoint.startsWith('/remoting/'));
  const sessions = new Set(remoting.map(({ headers }) => headers.cookie));
  expect(sessions.size).toBeLessThanOrEqual(3);
});

test('a pending agent goes on once it is approved, also if it was killed meanwhile', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub({ autoApprove: false });
  {
    await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
    await waitFor(() => stub.registrations.length >= 2);
  }
  const before = stub.registrations.length;
  await using _again = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.registrations.length > before);
  stub.approve();
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  const uuids = new Set(stub.registrations.map(({ uuid }) => uuid));
  expect([...uuids]).toEqual([await readGuid(home)]);
});

test('an agent that the server has forgotten registers again with the token that it has', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  stub.forget(await readGuid(home));
  await waitFor(() => stub.registrations.length >= 2);
  stub.queueWork(fakeWork(1));
  await untilCompleted(stub);
});

test('an agent without room on its disk asks for no work and says why', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using agent = startAgent({
    home: home.path,
    serverUrl: stub.url,
    settings: { 'disk-limit': '999999G' },
  });
  await waitFor(async () => (await agent.log()).includes('No work is asked for'));
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 2 });
  expect(stub.requests.some(({ endpoint }) => endpoint.endsWith('/get_work'))).toBe(false);
});

test('a token that the server does not accept is replaced by a new one', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await mkdir(join(home.path, 'config'));
  await writeFile(join(home.path, 'config', 'token'), 'of another server');
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  const token = join(home.path, 'config', 'token');
  expect(await readFile(token, 'utf8')).not.toContain('another');
  expect((await stat(token)).mode & 0o777).toBe(0o600);
});

test('an agent that has lost its token is told how to get back', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await mkdir(join(home.path, 'config'));
  await writeFile(join(home.path, 'config', 'guid.txt'), 'a-known-guid');
  stub.addAgent('a-known-guid');
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(async () => (await agent.log()).includes('remove config/guid.txt and config/token'));
});

test('an agent whose cookie another process has taken says so, and does not take it back at once', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'));
  stub.stealCookie(await readGuid(home));
  await waitFor(async () => (await agent.log()).includes('Another agent with the same config/guid.txt'));
  expect(stub.requests.filter(({ endpoint }) => endpoint.endsWith('/get_cookie'))).toHaveLength(1);
});
