import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, systemClock } from '@go-agent/runtime';
import { runServices } from '@go-agent/runtime/core';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../domain/elastic-profile.ts';
import { Plugin } from '../plugin-host/plugin.ts';
import { V5Provider } from './v5-provider.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin');
const CLUSTER = { id: 'k8s', properties: { go_server_url: 'https://ci.example.com/go' } };
const JOB = {
  jobId: 4711,
  attempt: 1,
  pipelineName: 'web',
  pipelineCounter: 17,
  pipelineLabel: 'web-17',
  stageName: 'test',
  stageCounter: 1,
  jobName: 'unit-runInstance-2',
  queuedAt: 1,
  environment: 'prod',
  profile: {
    id: 'small',
    properties: { Image: 'gocd/gocd-agent-alpine-3.20:v26.2.0' },
    policy: DEFAULT_POLICY,
  },
};
const AGENT = {
  agentId: 'k8s-ea-1f0c',
  uuid: 'u',
  clusterId: 'k8s',
  profileId: 'small',
  state: 'idle' as const,
  enabled: true,
  environments: ['prod'],
  jobsDone: 0,
};
const IDENTIFIER =
  '{"pipeline_name":"web","pipeline_label":"web-17","pipeline_counter":17,"stage_name":"test","stage_counter":"1","job_name":"unit-runInstance-2","job_id":4711}';
const PROFILE = '{"Image":"gocd/gocd-agent-alpine-3.20:v26.2.0"}';
const PROPERTIES = '{"go_server_url":"https://ci.example.com/go"}';

/** A v5 plugin as a process, and what it was sent: name and body of each request. */
async function startV5() {
  const resources = new AsyncDisposableStack();
  const logFile = join(resources.use(await tempDir()).path, 'server.log');
  const logger = createLogger({ file: logFile, name: 'test', level: 'info' });
  const served: string[] = [];
  const manifest = {
    id: 'cd.go.contrib.fake',
    name: 'Fake',
    version: '1',
    dialect: 'v5' as const,
    command: ['${node}', '${plugin}/main.ts', 'v5'],
    environment: {},
    passEnvironment: [],
    memoryMiB: 512,
  };
  const plugin = new Plugin(
    { manifest, folder: FAKE },
    {
      clock: systemClock,
      logger,
      environment: { PATH: process.env['PATH'] },
      serve: async (method) => {
        served.push(method);
        return { responseCode: 200, responseBody: '[]', responseHeaders: {} };
      },
      initialize: () => provider.initialize(),
      changed: () => undefined,
      report: () => undefined,
    },
  );
  const provider: V5Provider = new V5Provider({
    plugin,
    clock: systemClock,
    logger,
    createKey: async () => ({
      type: 'created',
      key: '9d2e7c1e',
      expiresAt: 1,
      serverUrl: 'x',
      autoRegisterProperties: {},
      environmentVariables: {},
    }),
    revoke: async () => undefined,
    cluster: () => CLUSTER,
    configuration: () => ({ plugin_settings: {}, cluster_profiles: [], elastic_agent_profiles: [] }),
  });
  const stop = new AbortController();
  const running = runServices([plugin.service], stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  await waitFor(() => provider.unavailable === undefined);
  const sent = async () =>
    (await readFile(logFile, 'utf8')).split('\n').flatMap((line) => {
      const message: unknown = line === '' ? undefined : JSON.parse(line).msg;
      const match = typeof message === 'string' ? /^cd\.go\.elastic-agent\.(\S+) (.*)$/.exec(message) : null;
      if (match === null) return [];
      return [
        {
          name: match[1] ?? '',
          body: (JSON.parse(match[2] ?? '{}') as { requestBody?: string }).requestBody,
        },
      ];
    });
  const sentOf = (name: string) => waitFor(async () => (await sent()).find((one) => one.name === name));
  return { provider, served, sent, sentOf, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a v5 plugin is asked at its load what GoCD asks, in the same order', async () => {
  await using it = await startV5();
  await it.sentOf('migrate-config');
  expect((await it.sent()).map(({ name }) => name)).toEqual([
    'get-capabilities',
    'get-icon',
    'get-elastic-agent-profile-metadata',
    'get-elastic-agent-profile-view',
    'get-cluster-profile-metadata',
    'get-cluster-profile-view',
    'migrate-config',
  ]);
  expect(it.provider.clusterFields).toMatchObject([{ key: 'token', required: true, secret: true }]);
  expect(it.provider.statusReports).toEqual(['plugin', 'agent']);
});

test('create-agent and should-assign-work have the bodies of the extension, byte for byte', async () => {
  await using it = await startV5();
  const base = { cluster: CLUSTER, jobs: [JOB], waitingCount: 1, startingCount: 0 };
  expect(await it.provider.assignWork({ ...base, agents: [] })).toMatchObject({
    decisions: [{ action: 'hold', jobId: 4711, askAgainMs: 120_000 }],
  });
  expect((await it.sentOf('create-agent')).body).toBe(
    `{"auto_register_key":"9d2e7c1e","elastic_agent_profile_properties":${PROFILE},"cluster_profile_properties":${PROPERTIES},"environment":"prod","job_identifier":${IDENTIFIER}}`,
  );
  expect(await it.provider.assignWork({ ...base, agents: [AGENT] })).toMatchObject({
    decisions: [{ action: 'assign', jobId: 4711, agentId: 'k8s-ea-1f0c' }],
  });
  expect((await it.sentOf('should-assign-work')).body).toBe(
    `{"environment":"prod","elastic_agent_profile_properties":${PROFILE},"cluster_profile_properties":${PROPERTIES},"agent":{"agent_id":"k8s-ea-1f0c","agent_state":"Idle","build_state":"Idle","config_state":"Enabled"},"job_identifier":${IDENTIFIER}}`,
  );
});

test('job-completion, server-ping, reports, checks and changes of clusters have the bodies of the extension', async () => {
  await using it = await startV5();
  const { provider } = it;
  provider.tell({
    type: 'job-finished',
    params: { clusterId: 'k8s', job: JOB, agentId: 'k8s-ea-1f0c', result: 'passed', finishedAt: 1 },
  });
  expect((await it.sentOf('job-completion')).body).toBe(
    `{"elastic_agent_id":"k8s-ea-1f0c","job_identifier":${IDENTIFIER},"elastic_agent_profile_properties":${PROFILE},"cluster_profile_properties":${PROPERTIES}}`,
  );
  provider.tell({ type: 'tick', params: { clusters: [{ cluster: CLUSTER, load: [] }] } });
  expect((await it.sentOf('server-ping')).body).toBe(`{"all_cluster_profile_properties":[${PROPERTIES}]}`);
  await waitFor(() => it.served.includes('go.processor.elastic-agents.list-agents'));
  expect(await provider.statusReport({ kind: 'plugin', clusters: [CLUSTER] })).toBe('<p>all well</p>');
  expect((await it.sentOf('plugin-status-report')).body).toBe(
    `{"all_cluster_profiles_properties":[${PROPERTIES}]}`,
  );
  expect(await provider.validate({ kind: 'cluster', properties: { url: 'x' } })).toEqual({ problems: [] });
  expect((await it.sentOf('validate-cluster-profile')).body).toBe('{"token":null,"url":"x"}');
  provider.clusterSaved({ status: 'created', cluster_profiles_properties: { a: 'b' } });
  expect((await it.sentOf('cluster-profile-changed')).body).toBe(
    '{"status":"created","cluster_profiles_properties":{"a":"b"}}',
  );
  expect(
    await provider
      .statusReport({ kind: 'cluster', clusters: [CLUSTER] })
      .catch(({ code }: { code: string }) => code),
  ).toBe('plugin-error');
});
