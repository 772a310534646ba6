import type { AgentRequest, AgentRuntimeInfo } from '@go-agent/protocol';
import {
  decodeCookieBody,
  decodeInstructionBody,
  decodeIsIgnoredBody,
  decodeWork,
  encodeAgentRequest,
  parseJson,
} from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime';
import { request } from 'undici';
import { expect, test } from 'vitest';
import type { Hold } from '../core.ts';
import { AgentCookieError } from '../domain/agent-cookie-error.ts';
import { AGENT, scriptedCore, TOKEN } from '../testing/scripted-core.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';

const INFO: AgentRuntimeInfo = {
  type: 'AgentRuntimeInfo',
  identifier: { hostName: 'build-7', ipAddress: '10.0.0.17', uuid: AGENT },
  runtimeStatus: 'Idle',
  buildingInfo: { buildingInfo: '', buildLocator: '' },
  location: '/agent',
  usableSpace: 1,
  operatingSystemName: 'Linux',
  cookie: 'c-1',
};
const JOB_ID = {
  pipelineName: 'app',
  pipelineCounter: 7,
  pipelineLabel: '1.0.7',
  stageName: 'test',
  buildName: 'unit',
  buildId: 42,
  stageCounter: '1',
};

function call(
  server: TestServer,
  action: string,
  body: AgentRequest | string,
  headers: Record<string, string> = {},
) {
  return server.asAgent(`/remoting/api/agent/${action}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : encodeAgentRequest(body),
    headers: {
      Accept: 'application/vnd.go.cd+json',
      'Content-Type': 'application/json; charset=UTF-8',
      ...headers,
    },
  });
}

test('the seven calls answer with the bodies that agents read', async () => {
  await using server = await testServer();
  const cookie = await call(server, 'get_cookie', { type: 'GetCookieRequest', agentRuntimeInfo: INFO });
  expect(decodeCookieBody(cookie.body)).toBe('cookie-1');
  expect(cookie.headers).toMatchObject({
    'content-type': 'application/vnd.go.cd.v1+json;charset=utf-8',
    'cache-control': 'max-age=0, private, must-revalidate',
    'go-agent-server': '1',
  });
  expect(cookie.headers['preference-applied']).toBeUndefined();
  expect(
    decodeInstructionBody((await call(server, 'ping', { type: 'PingRequest', agentRuntimeInfo: INFO })).body),
  ).toBe('NONE');
  const work = await call(server, 'get_work', { type: 'GetWorkRequest', agentRuntimeInfo: INFO });
  expect(parseJson(work.body, decodeWork)).toEqual({ type: 'NoWork' });
  const job = { agentRuntimeInfo: INFO, jobIdentifier: JOB_ID };
  const state = await call(server, 'report_current_status', {
    type: 'ReportCurrentStatusRequest',
    ...job,
    jobState: 'Preparing',
  });
  expect(state).toMatchObject({ status: 200, body: '' });
  for (const action of ['report_completing', 'report_completed']) {
    const report = await call(server, action, {
      type: 'ReportCompleteStatusRequest',
      ...job,
      jobResult: 'Passed',
    });
    expect(report).toMatchObject({ status: 200, body: '' });
  }
  const ignored = await call(server, 'is_ignored', { type: 'IsIgnoredRequest', ...job });
  expect(ignored.body).toBe('false');
  expect(decodeIsIgnoredBody(ignored.body)).toBe(false);
});

test('whoever is not a registered agent gets 403 without a body', async () => {
  await using server = await testServer();
  const body = encodeAgentRequest({ type: 'PingRequest', agentRuntimeInfo: INFO });
  for (const headers of [
    {},
    { 'X-Agent-GUID': AGENT },
    { 'X-Agent-GUID': AGENT, Authorization: 'wrong' },
    { 'X-Agent-GUID': 'other', Authorization: TOKEN },
  ]) {
    const answer = await server.ask('/remoting/api/agent/ping', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json', ...headers },
    });
    expect(answer).toMatchObject({ status: 403, body: '' });
  }
});

test('a body for another agent, of another type, without content or malformed is refused as GoCD does', async () => {
  await using server = await testServer();
  const other = { ...INFO, identifier: { ...INFO.identifier, uuid: 'u-2' } };
  const mismatch = await call(server, 'ping', { type: 'PingRequest', agentRuntimeInfo: other });
  expect(mismatch.status).toBe(403);
  expect(JSON.parse(mismatch.body)).toEqual({
    message: `Agent with uuid: '${AGENT}' is attempting a request for agent: 'u-2'.`,
  });
  const text = await call(server, 'ping', '{}', { 'Content-Type': 'text/plain' });
  expect(text.status).toBe(415);
  expect(JSON.parse(text.body)).toEqual({
    message: "You must specify a 'Content-Type' of 'application/json'",
  });
  const empty = await call(server, 'ping', '');
  expect(empty.status).toBe(400);
  expect(JSON.parse(empty.body)).toEqual({
    message: "Missing required header 'X-GoCD-Confirm' with value 'true'",
  });
  for (const body of ['{', 'null', '{"agentRuntimeInfo":{"type":"Odd"}}']) {
    const bad = await call(server, 'ping', body);
    expect(bad.status).toBe(400);
    expect(JSON.parse(bad.body)).toMatchObject({
      error: expect.stringMatching(/^Payload data is not valid JSON: /),
    });
  }
});

test('failures of the core are 500 with the texts of the Java server', async () => {
  const fail = (code: string) => async () => {
    throw new AppError(code, `our own words about ${code}`);
  };
  await using server = await testServer(
    scriptedCore({
      agents: { ping: fail('agent-cookie'), newCookie: fail('agent-unknown') },
      work: { reportState: fail('job-not-yours'), work: fail('store-closed') },
    }),
  );
  const errorOf = async (action: string, body: AgentRequest) => {
    const { status, body: text } = await call(server, action, body);
    expect(status).toBe(500);
    return (JSON.parse(text) as { error: string }).error;
  };
  const agent = `Agent [build-7, 10.0.0.17, ${AGENT}, c-1] has invalid cookie`;
  expect(await errorOf('ping', { type: 'PingRequest', agentRuntimeInfo: INFO })).toBe(
    `${agent}; nested exception is com.thoughtworks.go.server.service.AgentWithDuplicateUUIDException: ${agent}`,
  );
  const { cookie: _none, ...withoutCookie } = INFO;
  expect(await errorOf('ping', { type: 'PingRequest', agentRuntimeInfo: withoutCookie })).toContain(
    `${AGENT}, null] has no cookie set; nested exception is com.thoughtworks.go.server.service.AgentNoCookieSetException`,
  );
  expect(await errorOf('get_cookie', { type: 'GetCookieRequest', agentRuntimeInfo: INFO })).toContain(
    `Agent [${AGENT}] is not registered.`,
  );
  const job = { agentRuntimeInfo: INFO, jobIdentifier: JOB_ID };
  expect(
    await errorOf('report_current_status', {
      type: 'ReportCurrentStatusRequest',
      ...job,
      jobState: 'Building',
    }),
  ).toContain(`AgentUUID has changed in the middle of a job. AgentUUID:${AGENT}, Build: app/7/test/1/unit`);
  expect(await errorOf('get_work', { type: 'GetWorkRequest', agentRuntimeInfo: INFO })).toContain(
    'our own words',
  );
});

test('a call without the newest cookie hears whom the server knows under the guid', async () => {
  const knownAs = { hostName: 'other', ipAddress: '10.0.0.9', location: '/home', lastHeardAt: 17 };
  const ping = async () => {
    throw new AgentCookieError('two agents', knownAs);
  };
  await using server = await testServer(scriptedCore({ agents: { ping } }));
  const { body } = await call(server, 'ping', { type: 'PingRequest', agentRuntimeInfo: INFO });
  expect(JSON.parse(body)).toEqual({ error: expect.stringContaining('has invalid cookie'), knownAs });
});

test('a preference to wait reaches the core, is bounded, and ends when the client leaves or the server stops', async () => {
  const holds: Hold[] = [];
  const arrivals: (() => void)[] = [];
  const arrived = () => new Promise<void>((resolve) => arrivals.push(resolve));
  const core = scriptedCore({
    work: {
      work: (_info, hold) => {
        holds.push(hold);
        arrivals.shift()?.();
        const { promise, resolve } = Promise.withResolvers<{ type: 'NoWork' }>();
        hold.signal.addEventListener('abort', () => resolve({ type: 'NoWork' }));
        return promise;
      },
    },
  });
  await using server = await testServer(core);
  const first = arrived();
  const leaving = new AbortController();
  const gone = request(`${server.server.url}/remoting/api/agent/get_work`, {
    method: 'POST',
    signal: leaving.signal,
    headers: {
      'X-Agent-GUID': AGENT,
      Authorization: TOKEN,
      'Content-Type': 'application/json',
      Prefer: 'wait=900',
    },
    body: encodeAgentRequest({ type: 'GetWorkRequest', agentRuntimeInfo: INFO }),
  }).catch(() => 'gone');
  await first;
  expect(holds[0]?.waitMs).toBe(60_000);
  const ended = new Promise((resolve) => holds[0]?.signal.addEventListener('abort', resolve));
  leaving.abort();
  expect(await gone).toBe('gone');
  await ended;
  const second = arrived();
  const held = call(
    server,
    'get_work',
    { type: 'GetWorkRequest', agentRuntimeInfo: INFO },
    { Prefer: 'wait=30' },
  );
  await second;
  await server[Symbol.asyncDispose]();
  expect(await held).toMatchObject({ status: 200, headers: { 'preference-applied': 'wait=30' } });
});
