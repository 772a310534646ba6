import { expect, test } from 'vitest';
import type { JobView } from '../domain/views.ts';
import { multipart } from '../testing/multipart.ts';
import { JOB, scriptedCore } from '../testing/scripted-core.ts';
import { type TestRequest, testServer } from '../testing/test-server.ts';

const JOB_PATH = '/files/app/7/test/1/unit';
const FILE = multipart([{ name: 'file', filename: 'x', content: 'made up' }]);
const BATCH = { 'Content-Type': 'application/x-tar', 'X-GoCD-Confirm': 'true' };

const WRITES: readonly (readonly [string, TestRequest])[] = [
  ['/cruise-output/console.log?buildId=42', { method: 'PUT', body: 'made up' }],
  ['/cruise-output/console.log', { method: 'PUT', body: 'made up' }],
  ['/log.txt?buildId=42', { method: 'PUT', body: 'made up' }],
  ['/large?buildId=42&upload=12345678', { method: 'PUT', body: 'made up' }],
  ['/large?buildId=42&upload=12345678', { method: 'HEAD' }],
  ['/one.txt?buildId=42', { method: 'POST', ...FILE }],
  ['/?buildId=42', { method: 'POST', headers: BATCH, body: 'made up' }],
];

test('only the agent that has a job may write its console and artifacts: nobody before it was given to one', async () => {
  const { agentUuid: _, ...waiting } = { ...JOB, state: 'scheduled' as const };
  let job: JobView = waiting;
  await using server = await testServer(
    scriptedCore({ pipelines: { findJob: async () => job, job: async () => job } }),
  );
  for (const agentUuid of [undefined, 'somebody-else']) {
    job = { ...waiting, ...(agentUuid === undefined ? {} : { agentUuid }) };
    for (const [path, request] of WRITES) {
      const { status } = await server.asAgent(`/remoting${JOB_PATH}${path}`, request);
      expect(status, `${request.method} ${path} for ${agentUuid}`).toBe(403);
    }
  }
  expect((await server.ask(`${JOB_PATH}.json`)).status).toBe(404);
});

test('an agent may write as soon as it was given the job, also if somebody asked for it before', async () => {
  const { agentUuid: _, ...waiting } = { ...JOB, state: 'scheduled' as const };
  let job: JobView = waiting;
  await using server = await testServer(scriptedCore({ pipelines: { job: async () => job } }));
  const put = () =>
    server.asAgent(`/remoting${JOB_PATH}/cruise-output/console.log?buildId=42`, {
      method: 'PUT',
      body: 'one',
    });
  expect((await put()).status).toBe(403);
  job = { ...JOB, state: 'assigned' };
  expect((await put()).status).toBe(200);
});

test('a user may add to a job that nobody has yet', async () => {
  const { agentUuid: _, ...waiting } = { ...JOB, state: 'scheduled' as const };
  await using server = await testServer(scriptedCore({ pipelines: { findJob: async () => waiting } }));
  expect((await server.asAdmin(`${JOB_PATH}/one.txt`, { method: 'POST', ...FILE })).status).toBe(201);
});
