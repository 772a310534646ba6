import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@go-agent/runtime/core';
import { killLeftovers, leftovers, tempDir, waitFor } from '@go-agent/runtime/testing';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { fakeConsole, fakeWork } from './testing/fake-job.ts';
import {
  readGuid,
  reportedSteps,
  untilCompleted,
  untilNobodyAsks,
  untilNoJobs,
  WHOLE_JOB,
} from './testing/observe.ts';
import { startAgent } from './testing/start-agent.ts';

test('a killed agent is back under the same guid, and the job that ran meanwhile ran once and is told whole', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(fakeWork(1, { lines: 2000, lineMs: 0.2, untilFile }));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url });
    await waitFor(() => stub.consoleLog().includes('line 20\n'));
    agent.process.kill('SIGKILL');
    await agent.exited;
  }
  const uuid = await readGuid(home);
  const pings = stub.requests.length;
  await using _again = startAgent({ home: home.path, serverUrl: stub.url });
  const ping = await stub.received(({ endpoint, number }) => endpoint.endsWith('/ping') && number > pings);
  expect(ping.agentUuid).toBe(uuid);
  expect(JSON.parse(ping.body.toString()).agentRuntimeInfo.runtimeStatus).toBe('Building');
  await writeFile(untilFile, '');
  await untilCompleted(stub);
  expect(stub.consoleLog()).toBe(fakeConsole(2000));
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
  await untilNoJobs(home);
});

test('an offer of another bundle ends an idle agent with 0, and leaves one with a job alone', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(fakeWork(1, { untilFile }));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 3\n'));
  stub.offer('agent', Buffer.from('a new agent'));
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 3 });
  expect(agent.process.exitCode).toBeNull();
  await writeFile(untilFile, '');
  expect(await agent.exited).toBe(0);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
});

test('SIGTERM hands a running job over: the agent goes, the next one finishes', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  stub.queueWork(fakeWork(1, { untilFile }));
  {
    await using agent = startAgent({ home: home.path, serverUrl: stub.url });
    await waitFor(() => stub.consoleLog().includes('line 3\n'));
    agent.process.kill('SIGTERM');
    expect(await agent.exited).toBe(0);
  }
  await using _next = startAgent({ home: home.path, serverUrl: stub.url });
  await writeFile(untilFile, '');
  await untilCompleted(stub);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
});

test('an agent whose launcher has gone ends at once if idle, and after its job otherwise', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  const untilFile = join(home.path, 'go-on');
  {
    await using idle = startAgent({ home: home.path, serverUrl: stub.url });
    await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
    idle.process.disconnect();
    expect(await idle.exited).toBe(0);
  }
  await untilNobodyAsks(stub);
  stub.queueWork(fakeWork(1, { untilFile }));
  await using busy = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 3\n'));
  busy.process.disconnect();
  await stub.received(({ endpoint }) => endpoint.endsWith('/ping'), { count: 3 });
  await writeFile(untilFile, '');
  expect(await busy.exited).toBe(0);
  expect(reportedSteps(stub)).toEqual(WHOLE_JOB);
});

test('a stop ends the job without a report and leaves nothing behind', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  stub.queueWork(fakeWork(1, { untilFile: join(home.path, 'never') }));
  await using agent = startAgent({ home: home.path, serverUrl: stub.url });
  await waitFor(() => stub.consoleLog().includes('line 3\n'));
  agent.process.send({ type: 'stop' });
  expect(await agent.exited).toBe(0);
  expect(reportedSteps(stub)).toEqual(['Preparing', 'Building']);
  await untilNoJobs(home);
});

test('two agents never work in one home: the second ends with 4 and the first goes on', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using first = startAgent({ home: home.path, serverUrl: stub.url });
  await stub.received(({ endpoint }) => endpoint.endsWith('/get_work'));
  await using second = startAgent({ home: home.path, serverUrl: stub.url });
  expect(await second.exited).toBe(4);
  expect(first.process.exitCode).toBeNull();
  expect(existsSync(join(home.path, '.agent.running'))).toBe(true);
});

test.each([
  ['The job host ended unexpectedly', (text: string) => text],
  [
    "The agent's machine was restarted",
    (text: string) => text.replace(/"bootId":"[^"]*"/, '"bootId":"earlier"'),
  ],
])(
  'a job whose agent and host were killed is reported as Failed by the next agent: %s',
  async (reason, afterwards) => {
    await using home = await tempDir();
    await using stub = await startServerStub();
    stub.queueWork(fakeWork(1, { leaveChild: true, untilFile: join(home.path, 'never') }));
    const events = join(home.path, 'jobs', '1', 'events.jsonl');
    {
      await using agent = startAgent({ home: home.path, serverUrl: stub.url });
      await waitFor(() => leftovers(join(home.path, 'jobs')).length === 1, {
        describe: 'the child of the job',
      });
      agent.process.kill('SIGKILL');
      await agent.exited;
    }
    const text = await readFile(events, 'utf8');
    const { host } = JSON.parse(text.split('\n')[0]!);
    process.kill(host.pid, 'SIGKILL');
    await waitFor(() => !isAlive(host));
    await writeFile(events, afterwards(text));

    await using _next = startAgent({ home: home.path, serverUrl: stub.url });
    const { request } = await untilCompleted(stub);
    expect(request).toMatchObject({ jobResult: 'Failed' });
    expect(stub.consoleLog()).toContain(`[go] ${reason}`);
    // After a restart of the machine nothing is left; here, where there was none, the test has to tidy up.
    // A host that starts elsewhere may have done so already: it puts away the groups of dead ones.
    await killLeftovers(join(home.path, 'jobs'));
    await untilNoJobs(home);
  },
);
