import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessIdentity } from '@go-agent/runtime/core';
import { isAlive } from '@go-agent/runtime/core';
import { type TempDir, tempDir, waitFor } from '@go-agent/runtime/testing';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fakeConsole, fakeWork } from './testing/fake-job.ts';
import { reportedSteps, untilCompleted, untilNoJobs } from './testing/observe.ts';
import { hostOf } from './testing/real-job.ts';
import { startAgent } from './testing/start-agent.ts';

/** Results by job, as the server was told. */
function results(stub: ServerStub): readonly string[] {
  return stub.reports.flatMap(({ action, request }) =>
    action === 'report_completed' && 'jobResult' in request
      ? [`${request.jobIdentifier.buildId} ${request.jobResult}`]
      : [],
  );
}

async function killed(host: ProcessIdentity): Promise<void> {
  process.kill(host.pid, 'SIGKILL');
  await waitFor(() => !isAlive(host));
}

/** A job of two lines whose agent and host are dead. Its folder. */
async function deadJob(home: TempDir, stub: ServerStub): Promise<string> {
  stub.queueWork(fakeWork(5, { lines: 2, untilFile: join(home.path, 'never') }));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url });
    await waitFor(() => stub.consoleLog().includes('line 2'));
    agent.process.kill('SIGKILL');
    await agent.exited;
  }
  await killed(await hostOf(home, 5));
  return join(home.path, 'jobs', '5');
}

/** A job of three lines that waits for `go`, as soon as the server has the lines. */
async function waitingJob(home: TempDir, stub: ServerStub, buildId: number) {
  const go = join(home.path, 'go');
  stub.queueWork(fakeWork(buildId, { lines: 3, untilFile: go }));
  const agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 3'));
  return { agent, go, folder: join(home.path, 'jobs', String(buildId)) };
}

test('a job whose journal cannot be read for a while is seen to afterwards, and no other is taken meanwhile', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const { agent, go, folder } = await waitingJob(home, stub, 7);
  await using _agent = agent;
  const console = join(folder, 'console.log');
  renameSync(console, `${console}.away`);
  await mkdir(console);
  // It grows, so that it is read.
  await waitFor(async () => {
    writeFileSync(join(console, String(Math.random())), '');
    return (await agent.log()).includes('cannot be seen to');
  });
  stub.queueWork(fakeWork(8));
  // A second try, in which an agent that had given the job up would have asked for the next one.
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 10 });
  rmSync(console, { recursive: true });
  renameSync(`${console}.away`, console);
  writeFileSync(go, '');
  await waitFor(() => results(stub).length === 2);
  const jobs = stub.reports.map(({ request }) => request.jobIdentifier.buildId);
  expect(jobs).toEqual(jobs.toSorted((a, b) => a - b));
  expect(results(stub)).toEqual(['7 Passed', '8 Passed']);
  await untilNoJobs(home);
});

test('what the server knows need not be noted for a job to come to its end', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const { agent, go, folder } = await waitingJob(home, stub, 7);
  await using _agent = agent;
  const delivered = join(folder, 'delivered.json');
  // The agent may write it between the two.
  await waitFor(() => {
    rmSync(delivered, { recursive: true, force: true });
    return mkdir(delivered).then(
      () => true,
      () => false,
    );
  });
  writeFileSync(go, '');
  await untilCompleted(stub);
  expect(results(stub)).toEqual(['7 Passed']);
  expect(await agent.log()).toContain('What the server knows could not be noted');
  await untilNoJobs(home);
});

test('a job that cannot be written down is not taken, none is asked for, and the next one can be cancelled', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  const jobs = join(home.path, 'jobs');
  rmSync(jobs, { recursive: true, force: true });
  writeFileSync(jobs, 'in the way');
  stub.queueWork(fakeWork(7));
  await waitFor(async () => (await agent.log()).includes('the journal of a job cannot be written'));
  await waitFor(() => stub.requests.at(-1)?.body.includes('"Idle"'));
  rmSync(jobs);
  stub.queueWork(fakeWork(8, { untilFile: join(home.path, 'never') }));
  await waitFor(() => reportedSteps(stub).includes('Building'));
  stub.instruct('CANCEL');
  await untilCompleted(stub);
  expect(results(stub)).toEqual(['8 Cancelled']);
  expect(await agent.log()).toContain('Journals can be written again');
});

test.each([
  ['an event of a later version', '{"type":"paused","at":1,"console":1}\n'],
  ['a damaged line', '{"type":"buil\u0000ing","at":1,"cons\n'],
])('a journal with %s ends one job, and no other', async (_, line) => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  appendFileSync(join(await deadJob(home, stub), 'events.jsonl'), line);
  stub.queueWork(fakeWork(6));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => results(stub).length === 2);
  expect(results(stub)).toEqual(['5 Failed', '6 Passed']);
  expect(stub.consoleLog('up42/5/')).toContain('[go] The job host ended unexpectedly');
  await untilNoJobs(home);
});

test('a journal of which nothing can be read is that of a job that has begun: it is not run again', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  writeFileSync(join(await deadJob(home, stub), 'events.jsonl'), 'nonsense\n');
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await untilCompleted(stub);
  expect(results(stub)).toEqual(['5 Failed']);
  expect(stub.consoleLog().match(/line 1\n/g)).toHaveLength(1);
  await untilNoJobs(home);
});

test('what a proxy says in place of the server loses no result', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const strays = [
    stub.fault({ match: 'report_completed', kind: 'status', status: 404, body: 'default backend - 404' }),
    stub.fault({ match: 'report_completed', kind: 'redirect', location: '/login' }),
    stub.fault({ match: 'console.log', kind: 'status', status: 400, body: '<html></html>' }),
  ];
  stub.queueWork(fakeWork(1, { lines: 5 }));
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await untilCompleted(stub);
  expect(strays.map(({ hits }) => hits)).toEqual([1, 1, 1]);
  expect(results(stub)).toEqual(['1 Passed']);
  expect(stub.consoleLog()).toBe(fakeConsole(5));
});

test('a proxy that limits the size of requests gets the console in smaller parts', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const tooLarge = stub.fault({
    match: ({ method, headers }) => method === 'PUT' && Number(headers['content-length']) > 1_000_000,
    kind: 'status',
    status: 413,
    body: '<html>413 Request Entity Too Large</html>',
    times: Infinity,
  });
  const go = join(home.path, 'go');
  stub.queueWork(fakeWork(1, { lines: 60_000, untilFile: go }));
  await using agent = startAgent({
    home: home.path,
    serverUrl: stub.url,
    // So that there is much to send at once.
    settings: { 'stock-console-interval': '1h', 'console-interval': '1h' },
  });
  await waitFor(() => stub.consoleLog().includes('line 1\n'));
  writeFileSync(go, '');
  await untilCompleted(stub);
  expect(tooLarge.hits).toBeGreaterThan(0);
  expect(results(stub)).toEqual(['1 Passed']);
  expect(stub.consoleLog()).toBe(fakeConsole(60_000));
  expect(await agent.log()).toContain('client_max_body_size');
});

test('after a power cut the console says why the job failed, also where the server has more of it than is left here', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const folder = await deadJob(home, stub);
  for (const name of ['events.jsonl', 'assignment.json']) {
    const text = readFileSync(join(folder, name), 'utf8');
    writeFileSync(join(folder, name), text.replace(/"bootId":"[^"]*"/, '"bootId":"earlier"'));
  }
  // Neither the console nor what was noted of it had reached the disk.
  truncateSync(join(folder, 'console.log'), 10);
  writeFileSync(join(folder, 'delivered.json'), '{"console":5,"events":2}');
  await using _agent = startAgent({ home: home.path, serverUrl: stub.url });
  await untilCompleted(stub);
  expect(results(stub)).toEqual(['5 Failed']);
  expect(stub.consoleLog()).toMatch(
    /^&1\|\S+ line 1\n&1\|\S+ line 2\n.*machine was restarted while the job ran/s,
  );
});

test('a part of the console that the server has lost is sent again before the end of the job is told', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const go = join(home.path, 'go');
  stub.queueWork(fakeWork(1, { lines: 50, untilFile: go }));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 50\n'));
  await stub.goAway();
  for (const [path, bytes] of stub.files) stub.files.set(path, bytes.subarray(0, 100));
  writeFileSync(go, '');
  await waitFor(() =>
    readFileSync(join(home.path, 'jobs', '1', 'events.jsonl'), 'utf8').includes('"completed"'),
  );
  // An agent that did not notice has no reason to doubt what the server has.
  await waitFor(async () => (await agent.log()).includes('A ping failed'));
  await stub.comeBack();
  await untilCompleted(stub);
  expect(stub.consoleLog()).toBe(fakeConsole(50));
});
