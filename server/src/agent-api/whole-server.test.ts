import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AgentRequest,
  type AgentRuntimeInfo,
  decodeWork,
  encodeAgentRequest,
  encodeRegistrationFields,
  parseJson,
} from '@go-agent/protocol';
import { createLogger, systemClock } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { startServer } from '../start-server.ts';

const UUID = '5e9f2b1c-0a53-4d0e-8f6f-0d3f3b1c2a77';

test('an agent on the wire: token, registration, held work, console, reports, and the job has passed', async () => {
  await using folder = await tempDir();
  const repository = join(folder.path, 'repository');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository]);
  const user = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  execFileSync('git', ['-C', repository, ...user, 'commit', '--quiet', '--allow-empty', '-m', 'first']);
  await mkdir(join(folder.path, 'pipelines'));
  await writeFile(
    join(folder.path, 'pipelines/app.gocd.yaml'),
    `format_version: 11
pipelines:
  app:
    group: main
    materials: { repo: { git: "${repository}", branch: main } }
    stages:
      - test:
          approval: manual
          jobs: { unit: { tasks: [{ exec: { command: "true" } }] } }
`,
  );
  const dataDir = join(folder.path, 'data');
  const logger = createLogger({ file: join(folder.path, 'test.log'), name: 'test', level: 'silent' });
  await using server = await startServer(
    {
      dataDir,
      pipelinesDir: join(folder.path, 'pipelines'),
      bind: '127.0.0.1',
      port: 0,
      tlsPort: 'off',
      requireLogin: false,
      autoRegisterKey: 'k3y',
      autoRegisterLocalAgents: false,
      materialPollMs: 60_000,
      lostContactMs: 300_000,
    },
    { clock: systemClock, logger },
  );
  const { url } = server;
  const token = await (await fetch(`${url}/admin/agent/token?uuid=${UUID}`)).text();
  const form = {
    hostname: 'build-7',
    uuid: UUID,
    location: '/agent',
    usablespace: '1',
    operatingSystem: 'Linux',
    agentAutoRegisterKey: 'k3y',
    token,
  };
  const empty = {
    agentAutoRegisterResources: '',
    agentAutoRegisterEnvironments: '',
    agentAutoRegisterHostname: '',
    elasticAgentId: '',
    elasticPluginId: '',
  };
  const registered = await fetch(`${url}/admin/agent`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: encodeRegistrationFields({ ...form, ...empty }),
  });
  expect(registered.status).toBe(200);

  const identity = { 'X-Agent-GUID': UUID, Authorization: token };
  const call = async (action: string, body: AgentRequest, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${url}/remoting/api/agent/${action}`, {
      method: 'POST',
      headers: { ...identity, 'Content-Type': 'application/json', ...headers },
      body: encodeAgentRequest(body),
    });
    expect(answer.status).toBe(200);
    return answer.text();
  };
  const info: AgentRuntimeInfo = {
    type: 'AgentRuntimeInfo',
    identifier: { hostName: 'build-7', ipAddress: '127.0.0.1', uuid: UUID },
    runtimeStatus: 'Idle',
    buildingInfo: { buildingInfo: '', buildLocator: '' },
    location: '/agent',
    usableSpace: 1,
    operatingSystemName: 'Linux',
  };
  const agentRuntimeInfo = {
    ...info,
    cookie: await call('get_cookie', { type: 'GetCookieRequest', agentRuntimeInfo: info }),
  };
  expect(await call('ping', { type: 'PingRequest', agentRuntimeInfo })).toBe('"NONE"');

  const held = call('get_work', { type: 'GetWorkRequest', agentRuntimeInfo }, { Prefer: 'wait=30' });
  const admin = {
    Authorization: `Bearer ${server.adminToken}`,
    Accept: 'application/vnd.go.cd+json',
    'X-GoCD-Confirm': 'true',
  };
  expect((await fetch(`${url}/api/pipelines/app/schedule`, { method: 'POST', headers: admin })).status).toBe(
    202,
  );
  const work = parseJson(await held, decodeWork);
  if (work.type !== 'BuildWork') throw new Error(`Got ${work.type}`);
  const { jobIdentifier } = work.assignment;
  const job = {
    agentRuntimeInfo: { ...agentRuntimeInfo, runtimeStatus: 'Building' as const },
    jobIdentifier,
  };
  await call('report_current_status', { type: 'ReportCurrentStatusRequest', ...job, jobState: 'Building' });
  const console = await fetch(
    `${url}/remoting/files/app/1/test/1/unit/cruise-output/console.log?attempt=1&buildId=${jobIdentifier.buildId}`,
    {
      method: 'PUT',
      headers: { ...identity, 'Upload-Offset': '0' },
      body: '&1|10:00:00.000 hello\n',
    },
  );
  expect(console.status).toBe(200);
  await call('report_completing', { type: 'ReportCompleteStatusRequest', ...job, jobResult: 'Passed' });
  await call('report_completed', { type: 'ReportCompleteStatusRequest', ...job, jobResult: 'Passed' });

  const log = join(dataDir, 'artifacts/pipelines/app/1/test/1/unit/cruise-output/console.log');
  expect(await readFile(log, 'utf8')).toBe('&1|10:00:00.000 hello\n');
  const instance = await (await fetch(`${url}/api/pipelines/app/1`, { headers: admin })).json();
  expect(instance).toMatchObject({
    stages: [{ name: 'test', result: 'Passed', jobs: [{ state: 'Completed', result: 'Passed' }] }],
  });
});
