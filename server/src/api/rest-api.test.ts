import { expect, test } from 'vitest';
import type { TriggerOptions } from '../core.ts';
import { AGENT, AGENT_VIEW, scriptedCore } from '../testing/scripted-core.ts';
import { type TestAnswer, testServer } from '../testing/test-server.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const v = (version: number) => ({ Accept: `application/vnd.go.cd.v${version}+json` });

function json(answer: TestAnswer): unknown {
  return JSON.parse(answer.body);
}

test('the Accept header chooses the version: exact, newest without one, 404 for anything else', async () => {
  await using server = await testServer();
  const exact = await server.ask('/api/agents', { headers: v(7) });
  expect(exact.status).toBe(200);
  expect(exact.headers['content-type']).toBe('application/vnd.go.cd.v7+json; charset=utf-8');
  expect(
    (await server.ask('/api/agents', { headers: { Accept: 'application/vnd.go.cd+json' } })).headers[
      'content-type'
    ],
  ).toBe('application/vnd.go.cd+json; charset=utf-8');
  for (const Accept of ['application/json', '*/*', 'application/vnd.go.cd.v7+json, */*']) {
    const wrong = await server.ask('/api/agents', { headers: { Accept } });
    expect(wrong).toMatchObject({
      status: 404,
      body: 'The url you are trying to reach appears to be incorrect.',
    });
    expect(wrong.headers['content-type']).toContain('text/plain');
  }
  expect((await server.ask('/api/agents', { headers: v(99) })).status).toBe(404);
  const unknown = await server.ask('/api/nothing', { headers: v(1) });
  expect(unknown.status).toBe(404);
  expect(json(unknown)).toEqual({
    message:
      'Either the resource you requested was not found, or you are not authorized to perform this action.',
  });
});

test('an agent has the keys of API version 7', async () => {
  await using server = await testServer();
  expect(json(await server.ask('/api/agents', { headers: v(7) }))).toMatchObject({
    _links: { self: { href: `${server.server.url}/api/agents` } },
    _embedded: {
      agents: [
        {
          uuid: AGENT,
          hostname: 'build-7',
          ip_address: '127.0.0.1',
          agent_config_state: 'Enabled',
          agent_state: 'Building',
          build_state: 'Building',
          display_state: 'preparing',
          resources: ['linux'],
          build_details: { pipeline_name: 'app', stage_name: 'test', job_name: 'unit' },
        },
      ],
    },
  });
  const unknown = await server.ask('/api/agents/none', { headers: v(7) });
  expect(unknown.status).toBe(404);
  expect(json(unknown)).toEqual({ message: "Agent with uuid 'none' was not found!" });
});

test('every write needs the token, and says so', async () => {
  await using server = await testServer();
  const body = JSON.stringify({ agent_config_state: 'Disabled' });
  const bare = await server.ask(`/api/agents/${AGENT}`, {
    method: 'PATCH',
    body,
    headers: { ...v(7), ...JSON_TYPE },
  });
  expect(bare.status).toBe(401);
  expect(bare.headers['www-authenticate']).toBe('Basic realm="GoCD"');
  expect(json(bare)).toMatchObject({ message: expect.stringContaining('go-server token --reset') });
  const wrong = { Authorization: 'Bearer wrong' };
  expect(
    (await server.asAdmin('/api/pipelines/app/pause', { method: 'POST', headers: wrong })).body,
  ).toContain('Invalid Personal Access Token.');
  const basic = {
    Authorization: `Basic ${Buffer.from(`x:${server.token}`).toString('base64')}`,
    'X-GoCD-Confirm': 'true',
  };
  expect((await server.asAdmin('/api/pipelines/app/pause', { method: 'POST', headers: basic })).status).toBe(
    200,
  );
});

test('with a login required, reading needs the token, too; health and version stay open', async () => {
  await using server = await testServer(scriptedCore(), { requireLogin: true });
  expect((await server.ask('/api/agents', { headers: v(7) })).status).toBe(401);
  expect((await server.ask('/cctray.xml')).status).toBe(401);
  expect((await server.ask('/files/app/7/test/1/unit/a')).status).toBe(401);
  expect((await server.asAdmin('/api/agents')).status).toBe(200);
  expect(json(await server.ask('/api/v1/health'))).toEqual({ health: 'OK' });
  expect(json(await server.ask('/api/version', { headers: v(1) }))).toMatchObject({ version: '26.2.0' });
});

test('an agent is changed by PATCH; nothing to change, unknown words and bad JSON are refused', async () => {
  const changes: unknown[] = [];
  const core = scriptedCore({
    agents: {
      update: async (uuid, change) => {
        changes.push(change);
        return uuid === AGENT
          ? { type: 'ok', value: AGENT_VIEW, message: '' }
          : { type: 'not-found', message: 'none' };
      },
    },
  });
  await using server = await testServer(core);
  const patch = (body: string, uuid = AGENT) =>
    server.asAdmin(`/api/agents/${uuid}`, { method: 'PATCH', body, headers: JSON_TYPE });
  const good = await patch(
    JSON.stringify({
      hostname: 'h',
      agent_config_state: 'Enabled',
      resources: 'a, b,,a',
      environments: ['e'],
    }),
  );
  expect(good.status).toBe(200);
  expect(changes).toEqual([
    { hostName: 'h', configState: 'enabled', resources: ['a', 'b'], environments: ['e'] },
  ]);
  expect((await patch('{}')).body).toContain('No operation is specified');
  expect(await patch('{"agent_config_state":"Paused"}')).toMatchObject({
    status: 422,
    body: expect.stringContaining('can be one of `Enabled`'),
  });
  expect(await patch('{oops')).toMatchObject({
    status: 400,
    body: expect.stringContaining('Payload data is not valid JSON'),
  });
  expect((await patch('{"hostname":"x"}', 'none')).status).toBe(404);
  expect((await server.asAdmin(`/api/agents/${AGENT}`, { method: 'DELETE' })).status).toBe(200);
});

test('a pipeline is scheduled with its variables, or not without a confirmation', async () => {
  const triggers: [string, TriggerOptions][] = [];
  const core = scriptedCore({
    pipelines: {
      trigger: async (name, options) => {
        triggers.push([name, options]);
        return name === 'app'
          ? { type: 'ok', value: undefined, message: '' }
          : { type: 'conflict', message: 'it is running' };
      },
    },
  });
  await using server = await testServer(core);
  const schedule = (name: string, options: { body?: string; headers?: Record<string, string> }) =>
    server.asAdmin(`/api/pipelines/${name}/schedule`, { method: 'POST', ...options });
  const body = JSON.stringify({
    environment_variables: [{ name: 'A', value: '1' }],
    update_materials_before_scheduling: false,
  });
  const accepted = await schedule('app', { body, headers: JSON_TYPE });
  expect(accepted.status).toBe(202);
  expect(json(accepted)).toEqual({ message: 'Request to schedule pipeline app accepted' });
  expect(triggers[0]).toEqual([
    'app',
    { approver: 'admin', updateMaterials: false, variables: [{ name: 'A', value: '1', secure: false }] },
  ]);
  expect((await schedule('app', {})).status).toBe(400);
  expect((await schedule('app', { body, headers: { 'Content-Type': 'text/plain' } })).status).toBe(415);
  expect((await schedule('app', { headers: { 'X-GoCD-Confirm': 'true' } })).status).toBe(202);
  expect((await schedule('busy', { headers: { 'X-GoCD-Confirm': 'true' } })).status).toBe(409);
});

test('status, history with links, and instance of a pipeline', async () => {
  await using server = await testServer();
  const get = async (path: string) => server.ask(path, { headers: v(1) });
  expect(json(await get('/api/pipelines/app/status'))).toEqual({
    paused: false,
    paused_cause: null,
    paused_by: null,
    locked: false,
    schedulable: true,
  });
  expect(json(await get('/api/pipelines/none/status'))).toEqual({
    message: "Pipeline with name 'none' was not found!",
  });
  expect(json(await get('/api/pipelines/app/history?page_size=20'))).toMatchObject({
    _links: { next: { href: `${server.server.url}/api/pipelines/app/history?after=5&page_size=20` } },
    pipelines: [
      {
        name: 'app',
        counter: 7,
        label: '1.0.7',
        stages: [{ name: 'test', counter: '1', status: 'Building', result: 'Unknown' }],
      },
    ],
  });
  expect((await get('/api/pipelines/app/history?page_size=9')).status).toBe(400);
  expect((await get('/api/pipelines/app/history?after=-1')).status).toBe(400);
  expect(json(await get('/api/pipelines/app/7'))).toMatchObject({
    counter: 7,
    build_cause: { trigger_forced: true },
  });
  expect((await get('/api/pipelines/app/8')).status).toBe(404);
});

test('stages and jobs: instance, history, run, cancel', async () => {
  await using server = await testServer();
  const stage = await server.ask('/api/stages/app/7/test/1', { headers: v(3) });
  expect(json(stage)).toMatchObject({
    name: 'test',
    counter: 1,
    pipeline_counter: 7,
    jobs: [{ name: 'unit', state: 'Building', agent_uuid: AGENT }],
  });
  expect((await server.ask('/api/stages/app/9/test/1', { headers: v(3) })).body).toContain(
    "Stage 'test' with counter '1' not found",
  );
  expect(json(await server.ask('/api/stages/app/test/history', { headers: v(3) }))).toMatchObject({
    stages: [{ name: 'test', counter: '1' }],
  });
  expect(json(await server.ask('/api/jobs/app/7/test/1/unit', { headers: v(1) }))).toMatchObject({
    stage_counter: '1',
    state: 'Building',
  });
  const confirm = { 'X-GoCD-Confirm': 'true' };
  expect(
    (await server.asAdmin('/api/stages/app/Latest/test/run', { method: 'POST', headers: confirm })).status,
  ).toBe(202);
  expect(
    (await server.asAdmin('/api/stages/app/7/test/1/cancel', { method: 'POST', headers: confirm })).status,
  ).toBe(200);
});
