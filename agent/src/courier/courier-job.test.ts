import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fakeConsole, fakeWork } from './testing/fake-job.ts';
import { reportedSteps, untilCompleted, untilNoJobs, WHOLE_JOB } from './testing/observe.ts';
import { startAgent } from './testing/start-agent.ts';

test('lost answers double no byte of the console, and an outage loses nothing', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const lossy = stub.fault({ match: 'console.log', kind: 'dropAfter', times: 7 });
  stub.fault({ match: 'report_current_status', kind: 'dropAfter' });
  stub.fault({ match: 'report_completed', kind: 'status', status: 503, times: 3 });
  stub.queueWork(fakeWork(1, { lines: 3000, lineMs: 0.1 }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => lossy.hits === 7);
  await stub.goAway();
  await waitFor(() =>
    readFile(join(home.path, 'jobs', '1', 'events.jsonl'), 'utf8').then((text) => text.includes('completed')),
  );
  await stub.comeBack();
  await untilCompleted(stub);
  expect(stub.consoleLog()).toBe(fakeConsole(3000));
  await untilNoJobs(home);
});

test('a cancel reaches the host at once, and the server hears Cancelled until the job is over', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(fakeWork(1, { untilFile: join(home.path, 'never') }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings: { 'ping-wait': '5s' } });
  await waitFor(() => stub.consoleLog().includes('line 3\n'));
  stub.instruct('CANCEL');
  const end = await untilCompleted(stub);
  expect(end.request).toMatchObject({
    jobResult: 'Cancelled',
    agentRuntimeInfo: { runtimeStatus: 'Cancelled' },
  });
  await waitFor(() => stub.requests.at(-1)?.body.includes('"Idle"'));
});

test('a cancel reaches the next job at once too, however long the agent pauses after an answered ping', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const never = { untilFile: join(home.path, 'never') };
  const settings = { 'ping-interval': '1h', 'ping-wait': '1h', 'answer-timeout': '1h' };
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
  for (const buildId of [1, 2]) {
    stub.queueWork(fakeWork(buildId, never));
    await waitFor(() => reportedSteps(stub).filter((step) => step === 'Building').length === buildId);
    stub.instruct('CANCEL');
    await waitFor(
      () => reportedSteps(stub).filter((step) => step === 'report_completed Cancelled').length === buildId,
    );
    stub.instruct('NONE');
  }
});

test('a job that the server ignores is ended, and reported without a result', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.ignore(1);
  stub.queueWork(fakeWork(1, { untilFile: join(home.path, 'never') }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => reportedSteps(stub).includes('Completed'));
  expect(reportedSteps(stub)).toEqual(['Completed']);
  await untilNoJobs(home);
});

test('a job that was given to another agent is ended and dropped', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const body = '{"error":"AgentUUID has changed in the middle of a job. AgentUUID:x, Build: y"}';
  stub.fault({ match: 'report_current_status', kind: 'status', status: 500, body });
  stub.queueWork(fakeWork(1, { untilFile: join(home.path, 'never') }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/report_current_status'));
  await untilNoJobs(home);
  expect(reportedSteps(stub)).toEqual([]);
  stub.queueWork(fakeWork(2));
  await untilCompleted(stub);
});

test('a job whose host dies is reported as Failed and says so; one whose host dies before it began is begun again', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(fakeWork(1, { dieAfterLines: true }));
  stub.queueWork(fakeWork(2, { dieOnceBeforeStart: join(home.path, 'died') }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => reportedSteps(stub).includes('report_completed Passed'));
  expect(reportedSteps(stub)).toEqual(['Preparing', 'Building', 'report_completed Failed', ...WHOLE_JOB]);
  expect(stub.consoleLog()).toContain('[go] The job host ended unexpectedly');
});

test('a job whose host ends each time before it begins is reported as Failed and says so', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(fakeWork(1));
  const settings = { 'job-host-entry': join(home.path, 'missing.mjs') };
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url, settings });
  await untilCompleted(stub);
  expect(reportedSteps(stub)).toEqual(['report_completed Failed']);
  expect(stub.consoleLog()).toContain('[go] The job host could not be started.');
  await untilNoJobs(home);
});

test("a job's uploads go through the relay with the agent's credentials, and nowhere else", async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const own = '/go/remoting/files/up42/3/up42_stage/1/up42_job/a.txt';
  stub.files.set('other/1/s/1/j/in.txt', Buffer.from('fetched'));
  stub.queueWork(fakeWork(1, { relay: { method: 'GET', path: '/go/remoting/files/other/1/s/1/j/in.txt' } }));
  stub.queueWork(fakeWork(2, { relay: { method: 'POST', path: '/go/remoting/api/agent/ping', body: '{}' } }));
  stub.queueWork(fakeWork(3, { relay: { method: 'POST', path: own, body: 'x' } }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => reportedSteps(stub).length === 15);
  expect(stub.consoleLog()).toContain('relay 200 fetched\n');
  expect(stub.consoleLog()).toContain('relay 404 only /go/remoting/files/ is relayed\n');
  expect(stub.consoleLog()).toContain('relay 400 Invalid request.');
  const post = stub.requests.find(({ path, method }) => method === 'POST' && path === own);
  expect(post?.body.toString()).toBe('x');
  expect(post?.headers.authorization).toBeTruthy();
});
