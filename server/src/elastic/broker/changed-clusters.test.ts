import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { ElasticProvider } from '../provider.ts';
import { type BrokerBench, openBroker, working } from '../testing/open-broker.ts';

/** An agent that has done its job, and then the server comes up with another configuration of clusters. */
async function afterChange(it: BrokerBench, clusters: string) {
  await it.trigger();
  const agent = await working(it, 'm-1');
  await agent.work(it.fixture.core, true);
  await it.fixture.pipelineFile(
    'app.gocd.yaml',
    `
${clusters}
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages: [{build: {approval: manual, tasks: [{exec: {command: make}}]}}]
`,
  );
  await it.restart();
  await agent.ping(it.fixture.core);
  return agent;
}

test('an agent of a cluster that was taken out while the server was down is stopped where it was made', async () => {
  await using it = await openBroker('jobs_per_agent: 5, idle_timeout: 10');
  await afterChange(it, '');
  await it.fixture.clock.advance(60_000);
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', cluster: { id: 'cloud' } }]);
});

test('an agent of a cluster that is another plugin’s now is stopped by the one that made it', async () => {
  await using it = await openBroker('jobs_per_agent: 5, idle_timeout: 10');
  const asked: string[] = [];
  const other: ElasticProvider = {
    pluginId: 'other',
    unavailable: undefined,
    stopsAgents: true,
    assignWork: async () => ({ decisions: [] }),
    startAgents: async () => ({ agentIds: [] }),
    stopAgent: async ({ agentId }) => void asked.push(agentId),
    listInstances: async (clusters) => ({ clusterIds: clusters.map(({ id }) => id), instances: [] }),
    tell: () => undefined,
  };
  it.cloud.others.set('other', other);
  const agent = await afterChange(
    it,
    'cluster_profiles: {cloud: {plugin_id: other}}\nelastic_profiles: {small: {cluster_profile_id: cloud, idle_timeout: 10}}',
  );
  for (let minute = 0; minute < 5; minute++) {
    await it.fixture.clock.advance(60_000);
    await agent.ping(it.fixture.core).catch(() => undefined);
    for (const plugin of ['scripted', 'other']) await it.cloud.broker.reconcile(plugin);
  }
  expect([...it.cloud.machines.keys()]).toEqual([]);
  expect(asked).toEqual([]);
});

test('a leftover that cannot be stopped is no hindrance to the others', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  for (const agentId of ['a-old', 'b-old'])
    it.cloud.machines.set(agentId, { agentId, clusterId: 'cloud', key: '', dead: true });
  const { stopAgent } = it.cloud;
  it.cloud.stopAgent = async (params) => {
    if (params.agentId === 'a-old') throw new Error('The device is busy');
    await stopAgent.call(it.cloud, params);
  };
  await it.cloud.broker.reconcile('scripted');
  await waitFor(() => !it.cloud.machines.has('b-old'));
  expect([...it.cloud.machines.keys()]).toEqual(['a-old']);
});

test('an instance that has ended before its agent registered is not waited for', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  if (agent !== undefined) agent.machine.dead = true;
  await it.cloud.broker.reconcile('scripted');
  await it.fixture.clock.advance(10_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
});
