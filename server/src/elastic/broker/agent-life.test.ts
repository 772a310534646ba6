import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { type BrokerBench, openBroker, working } from '../testing/open-broker.ts';

const jobNow = (it: BrokerBench) => it.fixture.job('app', 'build', 'compile-runInstance-1');

test('a job whose agents end under it fails after max_attempts of them, and its console says why', async () => {
  await using it = await openBroker('max_attempts: 2');
  await it.trigger();
  for (const agentId of ['m-1', 'm-2']) {
    const { machine } = await working(it, agentId);
    machine.dead = true;
    await it.cloud.broker.instanceFailed('scripted', agentId, 'out of memory');
    await it.fixture.clock.advance(30_000);
  }
  const failed = await waitFor(async () => {
    const job = await jobNow(it);
    return job?.state === 'completed' ? job : undefined;
  });
  expect(failed).toMatchObject({ result: 'failed', superseded: false });
  expect(it.fixture.notes.join()).toContain(
    "given to 2 agent(s) of profile 'small', and contact with each was lost: it is not given to another (max_attempts)",
  );
  expect(it.cloud.asked.flatMap(({ jobs }) => jobs.map(({ attempt }) => attempt))).not.toContain(3);
});

test('a plugin is told how a job ended, and the job knows its agent when that is gone, also after a restart', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await agent.work(it.fixture.core, true);
  await waitFor(async () => (await it.fixture.core.agents.list()).length === 0);
  const finished = it.cloud.events.find(({ type }) => type === 'job-finished');
  expect(finished?.params).toMatchObject({ agentId: 'm-1', result: 'passed' });
  const elasticAgent = { agentId: 'm-1', pluginId: 'scripted', profileId: 'small' };
  expect(await jobNow(it)).toMatchObject({ state: 'completed', elasticAgent });
  await it.restart();
  expect(await jobNow(it)).toMatchObject({ elasticAgent });
});

test('an agent that does not stop when its job is cancelled is stopped 10 minutes later', async () => {
  await using it = await openBroker('jobs_per_agent: 5');
  await it.trigger();
  const agent = await working(it, 'm-1');
  agent.deaf = true;
  await it.fixture.core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 30) {
      await it.fixture.clock.advance(30_000);
      await agent.ping(it.fixture.core);
    }
  };
  await pass(9 * 60);
  expect(it.cloud.stopped).toEqual([]);
  await pass(2 * 60);
  await waitFor(() => it.cloud.stopped.length > 0);
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', reason: 'stuck' }]);
});

test('an instance that the server does not know is stopped as a leftover, whether it runs or was never started', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  for (const agentId of ['runs', 'has-ended']) {
    const dead = agentId === 'has-ended';
    it.cloud.machines.set(agentId, { agentId, clusterId: 'cloud', key: '', dead });
  }
  await it.cloud.broker.reconcile('scripted');
  expect(it.cloud.stopped).toMatchObject([
    { agentId: 'runs', reason: 'leftover' },
    { agentId: 'has-ended', reason: 'leftover' },
  ]);
});

test('an instance that is gone before its agent registered is replaced, once it was absent twice', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  await waitFor(() => it.cloud.machines.has('m-1'));
  it.cloud.machines.delete('m-1');
  await it.fixture.clock.advance(31_000);
  await it.cloud.broker.reconcile('scripted');
  expect(it.cloud.broker.context.fleet.all()).toMatchObject([{ agentId: 'm-1' }]);
  await it.cloud.broker.reconcile('scripted');
  await it.fixture.clock.advance(60_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
});

test('a cluster that lists nothing does not end an agent that the server hears', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await it.fixture.clock.advance(31_000);
  await agent.ping(it.fixture.core);
  it.cloud.mischief = () => 'lie';
  for (let turn = 0; turn < 3; turn++) await it.cloud.broker.reconcile('scripted');
  await it.fixture.clock.advance(30_000);
  expect(it.cloud.stopped).toEqual([]);
  expect(await jobNow(it)).toMatchObject({ state: 'building', agentUuid: agent.uuid });
});

test('an agent is in the environment of the job that it was started for, whatever its plugin told it', async () => {
  await using it = await openBroker('jobs_per_agent: 1', 1, 'environments: {prod: {pipelines: [app]}}');
  await it.trigger();
  const agent = await working(it, 'm-1');
  expect(await it.fixture.core.agents.list()).toMatchObject([{ environments: ['prod'] }]);
  expect(agent.job).toMatchObject({ pipelineName: 'app' });
});

test('agents are no part of the configuration: files that change, and a restart, leave them alone', async () => {
  await using it = await openBroker('jobs_per_agent: 5, idle_timeout: 600');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await it.fixture.pipelineFile('other.gocd.yaml', 'environments: {prod: {pipelines: []}}');
  await it.fixture.clock.advance(30_000);
  await it.restart();
  await agent.ping(it.fixture.core);
  expect(await it.fixture.core.agents.list()).toMatchObject([
    { elastic: { agentId: 'm-1', pluginId: 'scripted' }, state: 'building' },
  ]);
  await agent.work(it.fixture.core, true);
  expect(await jobNow(it)).toMatchObject({ state: 'completed', result: 'passed' });
});

test('the secret of a profile reaches its plugin, and no file of the server has it in clear', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const { secrets } = it.cloud.broker.context.scheduler;
  const sealed = secrets.seal('hunter2-of-the-cluster');
  await it.fixture.pipelineFile(
    'secret.gocd.yaml',
    `
cluster_profiles: {other: {plugin_id: scripted, secure_properties: {token: "${sealed}"}}}
elastic_profiles: {large: {cluster_profile_id: other, secure_properties: {password: "${sealed}"}}}
pipelines:
  secret:
    group: g
    materials: {code: {git: ${it.fixture.repository}, branch: main, auto_update: false}}
    stages: [{build: {approval: manual, elastic_profile_id: large, tasks: [{exec: {command: make}}]}}]
`,
  );
  await it.restart();
  await it.fixture.core.pipelines.trigger('secret', { approver: 'ann' });
  const { cluster, jobs } = await waitFor(() => it.cloud.asked[0]);
  expect(cluster.properties).toEqual({ token: 'hunter2-of-the-cluster' });
  expect(jobs[0]?.profile.properties).toEqual({ password: 'hunter2-of-the-cluster' });
  const entries = await readdir(it.fixture.folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const { parentPath, name } of files)
    expect((await readFile(join(parentPath, name))).includes('hunter2-of-the-cluster'), name).toBe(false);
});
