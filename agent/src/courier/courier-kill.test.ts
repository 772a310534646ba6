import { leftovers, type TempDir, tempDir, waitFor } from '@go-agent/runtime/testing';
import { type ServerStub, startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { shell } from '../job-host/testing/test-job.ts';
import { sampleWork } from '../journal/testing/sample-assignment.ts';
import { untilCompleted, untilNoJobs } from './testing/observe.ts';
import { REAL_HOST } from './testing/real-job.ts';
import { startAgent } from './testing/start-agent.ts';

/** The agent of a job that is up, and does with the first signal what `trap` says. */
async function deafJob(home: TempDir, stub: ServerStub, trap: string, settings = {}) {
  const { assignment, ...work } = sampleWork(1);
  const builders = [shell(`${trap}; echo up; while :; do sleep 0.05; done`)];
  stub.queueWork({ ...work, assignment: { ...assignment, builders } });
  const agent = startAgent({
    home: home.path,
    serverUrl: stub.url,
    settings: { ...REAL_HOST.settings, grace: '1h', ...settings },
    environment: { ...REAL_HOST.environment, TRACE: home.path },
  });
  await waitFor(() => /&1\|\S+ up\n/.test(stub.consoleLog()));
  return agent;
}

test('a kill overtakes a cancel: what ignores the first signal is ended without its grace', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using _agent = await deafJob(home, stub, 'trap "echo got TERM" TERM');
  stub.instruct('CANCEL');
  // Not in the line that shows the task.
  await waitFor(() => /&1\|\S+ got TERM\n/.test(stub.consoleLog()));
  stub.instruct('KILL_RUNNING_TASKS');
  const end = await untilCompleted(stub);
  expect(end.request).toMatchObject({ jobResult: 'Cancelled' });
  expect(stub.consoleLog()).toContain('[go] Attempting to force kill child processes.');
  expect(stub.consoleLog()).toContain('(exit code: 137)');
  await untilNoJobs(home);
  expect(leftovers(home.path).filter(({ command }) => command.startsWith('/bin/sh'))).toEqual([]);
});

test('after a cancel the agent asks again at once, so that a kill need not wait for its next ping', async () => {
  await using home = await tempDir();
  await using stub = await startServerStub();
  await using _agent = await deafJob(home, stub, 'trap "" TERM', {
    'ping-interval': '1h',
    'ping-wait': '1h',
  });
  stub.instruct('CANCEL');
  await stub.received(
    ({ endpoint, body }) => endpoint.endsWith('/ping') && body.toString().includes('"Cancelled"'),
  );
  stub.instruct('KILL_RUNNING_TASKS');
  await waitFor(() => stub.consoleLog().includes('[go] Attempting to force kill child processes.'));
  await untilCompleted(stub);
  await untilNoJobs(home);
});
