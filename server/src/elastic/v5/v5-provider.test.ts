import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v5Fixture } from '@go-agent/protocol/elastic-fixtures';
import { createLogger } from '@go-agent/runtime';
import { runServices } from '@go-agent/runtime/core';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../domain/elastic-profile.ts';
import { Plugin } from '../plugin-host/plugin.ts';
import { V5Provider } from './v5-provider.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin');
/** What the fixtures are about, as the broker has it. */
const CREATE = bodyOf('create-agent');
const [OTHER, CLUSTER] = bodyOf('server-ping').all_cluster_profile_properties.map(
  (properties: Record<string, string>, index: number) => ({ id: `k8s-${index}`, properties }),
);
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
  profile: { id: 'small', properties: CREATE.elastic_agent_profile_properties, policy: DEFAULT_POLICY },
};
const AGENT = {
  agentId: 'k8s-ea-1f0c…',
  uuid: 'u',
  clusterId: CLUSTER.id,
  profileId: 'small',
  state: 'idle' as const,
  enabled: true,
  environments: ['prod'],
  jobsDone: 0,
};

function bodyOf(file: string) {
  return JSON.parse(v5Fixture(file).request ?? 'null');
}

/** A v5 plugin as a process that has all the time it needs, and what it was sent: name and body of each request. */
async function startV5(behaviour = 'v5-recorded', configuration = bodyOf('migrate-config')) {
  const resources = new AsyncDisposableStack();
  const clock = new FakeClock();
  const logFile = join(resources.use(await tempDir()).path, 'server.log');
  const logger = createLogger({ file: logFile, name: 'test', level: 'info' });
  const served: string[] = [];
  const manifest = {
    id: 'cd.go.contrib.fake',
    name: 'Fake',
    version: '1',
    dialect: 'v5' as const,
    command: ['${node}', '${plugin}/main.ts', behaviour],
    environment: {},
    passEnvironment: [],
    memoryMiB: 512,
  };
  const plugin = new Plugin(
    { manifest, folder: FAKE },
    {
      clock,
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
    clock,
    logger,
    createKey: async () => ({
      type: 'created',
      key: CREATE.auto_register_key,
      expiresAt: 1,
      serverUrl: 'x',
      autoRegisterProperties: {},
      environmentVariables: {},
    }),
    revoke: async () => true,
    cluster: () => CLUSTER,
    configuration: () => configuration,
    migrated: async () => undefined,
  });
  const stop = new AbortController();
  const running = runServices([plugin.service], stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  await waitFor(() => provider.unavailable === undefined);
  /** The bodies of all requests of this name so far; undefined: it had none. */
  const sent = async () =>
    (await readFile(logFile, 'utf8')).split('\n').flatMap((line) => {
      const message: unknown = line === '' ? undefined : JSON.parse(line).msg;
      const match = typeof message === 'string' ? /^(cd\.go\.elastic-agent\.\S+) (.*)$/.exec(message) : null;
      if (match === null) return [];
      const { requestBody } = JSON.parse(match[2] ?? '{}') as { requestBody?: string };
      return [{ name: match[1] ?? '', request: requestBody }];
    });
  /** This message has been sent, byte for byte. */
  const hasSent = (file: string) => {
    const { name, request } = v5Fixture(file);
    return waitFor(async () => (await sent()).find((one) => one.name === name && one.request === request));
  };
  const log = () => readFile(logFile, 'utf8');
  return {
    provider,
    clock,
    log,
    served,
    sent,
    hasSent,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const AT_LOAD = [
  'get-capabilities',
  'get-icon',
  'get-elastic-agent-profile-metadata',
  'get-elastic-agent-profile-view',
  'get-cluster-profile-metadata',
  'get-cluster-profile-view',
  'migrate-config',
];

test('a v5 plugin is asked at its load what GoCD asks, in the same order', async () => {
  await using it = await startV5();
  expect(await it.sent()).toEqual(
    AT_LOAD.map((file) => {
      const { name, request } = v5Fixture(file);
      return { name, request };
    }),
  );
  expect(it.provider.profileFields).toMatchObject([{ key: 'Image', required: true }, { key: 'MaxMemory' }]);
  expect(it.provider.clusterFields).toMatchObject([
    { key: 'go_server_url', required: true, secret: false },
    { key: 'security_token', required: false, secret: true },
  ]);
  expect(it.provider.statusReports).toEqual(['cluster', 'agent']);
});

test('a job gets an agent by create-agent and should-assign-work, and its end is told by job-completion with the cluster profile as it is now', async () => {
  await using it = await startV5();
  const base = { cluster: CLUSTER, jobs: [JOB], waitingCount: 1, startingCount: 0 };
  expect(await it.provider.assignWork({ ...base, agents: [] })).toMatchObject({
    decisions: [{ action: 'hold', jobId: 4711, askAgainMs: 120_000 }],
  });
  await it.hasSent('create-agent');
  expect(await it.provider.assignWork({ ...base, agents: [AGENT] })).toMatchObject({
    decisions: [{ action: 'assign', jobId: 4711, agentId: AGENT.agentId }],
  });
  await it.hasSent('should-assign-work');
  it.provider.tell({
    type: 'job-finished',
    params: { clusterId: CLUSTER.id, job: JOB, agentId: AGENT.agentId, result: 'passed', finishedAt: 1 },
    // As its agent had it; the plugin is told of it as it is now.
    cluster: { id: CLUSTER.id, properties: { security_token: 'old' } },
  });
  await it.hasSent('job-completion');
});

test('the ping names all clusters, and the plugin may ask the server meanwhile', async () => {
  await using it = await startV5();
  const clusters = [OTHER, CLUSTER].map((cluster) => ({ cluster, load: [] }));
  it.provider.tell({ type: 'tick', params: { clusters } });
  await it.hasSent('server-ping');
  await waitFor(() => it.served.includes('go.processor.elastic-agents.list-agents'));
});

test('a ping has 50 s, for a plugin that looks after its agents before it answers', async () => {
  await using it = await startV5('v5-slow-ping');
  const clusters = [OTHER, CLUSTER].map((cluster) => ({ cluster, load: [] }));
  it.provider.tell({ type: 'tick', params: { clusters } });
  await it.hasSent('server-ping');
  await it.clock.advance(49_000);
  expect(await it.log()).not.toContain('did not answer in time');
  await it.clock.advance(1000);
  await waitFor(async () => (await it.log()).includes('server-ping within 50 s'));
});

test('the plugin is told of each cluster profile that is made, changed or deleted', async () => {
  await using it = await startV5();
  for (const file of ['created', 'updated', 'deleted'].map((what) => `cluster-profile-changed-${what}`)) {
    it.provider.clusterSaved(bodyOf(file));
    await it.hasSent(file);
  }
});

test('profiles are checked with all fields that the plugin has named, and its problems are read', async () => {
  await using it = await startV5();
  const properties = { MaxMemory: '1G' };
  expect(await it.provider.validate({ kind: 'profile', properties })).toEqual({
    problems: JSON.parse(v5Fixture('validate-elastic-agent-profile').response ?? ''),
  });
  await it.hasSent('validate-elastic-agent-profile');
  // The example is of a plugin with other fields than that of the metadata.
  const field = { title: '', type: 'text' as const, required: true, secret: false };
  it.provider.clusterFields = [
    { ...field, key: 'go_server_url' },
    { ...field, key: 'auto_register_timeout' },
  ];
  expect(
    await it.provider.validate({ kind: 'cluster', properties: { auto_register_timeout: 'ten' } }),
  ).toEqual({ problems: JSON.parse(v5Fixture('validate-cluster-profile').response ?? '') });
  await it.hasSent('validate-cluster-profile');
});

test('status reports are asked for by plugin, by cluster, by agent, and for a job without an agent yet', async () => {
  await using it = await startV5();
  const { provider } = it;
  expect(await provider.statusReport({ kind: 'plugin', clusters: [OTHER, CLUSTER] })).toContain('all');
  await it.hasSent('plugin-status-report');
  expect(await provider.statusReport({ kind: 'cluster', clusters: [CLUSTER] })).toContain('one cluster');
  await it.hasSent('cluster-status-report');
  const { agentId } = AGENT;
  expect(await provider.statusReport({ kind: 'agent', clusters: [CLUSTER], agentId, job: JOB })).toContain(
    'one agent',
  );
  await it.hasSent('agent-status-report');
  await provider.statusReport({ kind: 'agent', clusters: [CLUSTER], job: JOB });
  await it.hasSent('agent-status-report-unassigned');
});

test('a plugin is told of a profile as it has migrated it, although its file is as it was', async () => {
  const properties = { old: '1' };
  await using it = await startV5('v5-migrates', {
    plugin_settings: {},
    cluster_profiles: [{ id: 'c', plugin_id: 'p', properties }],
    elastic_agent_profiles: [],
  });
  it.provider.tell({ type: 'tick', params: { clusters: [{ cluster: { id: 'c', properties }, load: [] }] } });
  await waitFor(async () => (await it.sent()).some(({ name }) => name.endsWith('.server-ping')));
  expect((await it.sent()).at(-1)?.request).toBe('{"all_cluster_profile_properties":[{"new":"1"}]}');
});
