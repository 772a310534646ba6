import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type AgentRequest, encodeAgentRequest } from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { runtimeInfo } from '../core/core-fixture.ts';
import { AGENT, scriptedCore } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

const INFO = runtimeInfo(AGENT, 'c-1');
const REPORT: AgentRequest = {
  type: 'ReportCompleteStatusRequest',
  agentRuntimeInfo: INFO,
  jobIdentifier: {
    pipelineName: 'app',
    pipelineCounter: 7,
    pipelineLabel: '1.0.7',
    stageName: 'test',
    buildName: 'unit',
    buildId: 42,
    stageCounter: '1',
  },
  jobResult: 'Passed',
};

test('a database or disk that fails is a 503 for now, in whatever call of an agent', async () => {
  await using folder = await tempDir();
  using database = new DatabaseSync(join(folder.path, 'full.db'));
  database.exec('pragma page_size = 4096; create table t (x); pragma max_page_count = 2');
  await using server = await testServer(
    scriptedCore({
      agents: {
        ping: async () => {
          database.exec('insert into t values (zeroblob(100000))');
          return 'NONE';
        },
      },
      work: {
        reportCompleted: async () => {
          const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          throw new AppError('artifact-save', 'Cannot seal', { cause });
        },
      },
      pipelines: {
        job: async () => {
          // An extended code: SQLITE_IOERR_READ.
          throw Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 266 });
        },
      },
    }),
  );
  const call = (action: string, body: AgentRequest) =>
    server.asAgent(`/remoting/api/agent/${action}`, {
      method: 'POST',
      body: encodeAgentRequest(body),
      headers: { 'Content-Type': 'application/json; charset=UTF-8' },
    });
  const failed = (text: string) => ({
    status: 503,
    headers: { 'retry-after': '10', 'go-agent-server': '1' },
    body: expect.stringContaining(text),
  });
  expect(await call('ping', { type: 'PingRequest', agentRuntimeInfo: INFO })).toMatchObject(
    failed('database or disk is full'),
  );
  expect(await call('report_completed', REPORT)).toMatchObject(failed('Cannot seal'));
  const log = '/remoting/files/app/7/test/1/unit/cruise-output/console.log?attempt=1&buildId=42';
  expect(await server.asAgent(log, { method: 'PUT', body: 'x' })).toMatchObject(failed('disk I/O error'));
});

test('what is wrong with a request, or with this program, stays a 500', async () => {
  const constraint = Object.assign(new Error('UNIQUE constraint failed'), {
    code: 'ERR_SQLITE_ERROR',
    errcode: 2067,
  });
  const thrown: unknown[] = [constraint, new AppError('job-not-yours', 'x'), new TypeError('x'), 'x'];
  await using server = await testServer(
    scriptedCore({
      work: {
        reportCompleted: async () => {
          throw thrown[0];
        },
      },
    }),
  );
  for (; thrown.length > 0; thrown.shift()) {
    const answer = await server.asAgent('/remoting/api/agent/report_completed', {
      method: 'POST',
      body: encodeAgentRequest(REPORT),
      headers: { 'Content-Type': 'application/json; charset=UTF-8' },
    });
    expect(answer.status, String(thrown[0])).toBe(500);
    expect(answer.headers['retry-after']).toBeUndefined();
  }
});
