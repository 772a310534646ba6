// The properties of a cluster profile change while agents run that were made with the earlier ones.

import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { type BrokerBench, openBroker, working } from '../testing/open-broker.ts';

const MINUTE = 60_000;

const withProperties = (properties: string) => `, properties: {${properties}}`;

const open = (policy: string, properties: string) => openBroker(policy, 1, '', withProperties(properties));

/** The cluster has other properties, from the next look at the configuration on. */
const change = (it: BrokerBench, properties: string) => it.configure(withProperties(properties));

/** An agent that is idle after its first job, made with the earlier properties. */
async function idleAgent(it: BrokerBench) {
  await it.trigger();
  const agent = await working(it, 'm-1');
  await agent.work(it.fixture.core, true);
  return agent;
}

async function pass(it: BrokerBench, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await it.fixture.clock.advance(MINUTE);
    for (const agent of it.agents()) await agent.ping(it.fixture.core);
    await it.cloud.broker.reconcile('scripted');
  }
}

const known = (it: BrokerBench) => it.cloud.broker.context.fleet.all().map(({ agentId }) => agentId);
const health = (it: BrokerBench) => it.cloud.broker.context.scheduler.health.messages();

test('an agent of a cluster that has moved is stopped where it was made, and so is a leftover there', async () => {
  await using it = await open('jobs_per_agent: 5, idle_timeout: 90', 'host: a');
  await idleAgent(it);
  it.cloud.machines.set('old', { agentId: 'old', clusterId: 'cloud', key: '', host: 'a', dead: false });
  await change(it, 'host: b');
  await it.restart();
  await pass(it, 1);
  await waitFor(() => !it.cloud.machines.has('old'));
  expect(known(it)).toEqual(['m-1']);
  await pass(it, 2);
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped.map(({ agentId, cluster }) => [agentId, cluster.properties])).toEqual([
    ['old', { host: 'a' }],
    ['m-1', { host: 'a' }],
  ]);
  expect(known(it)).toEqual([]);
  it.cloud.looked.length = 0;
  await pass(it, 1);
  expect(it.cloud.looked.map(({ properties }) => properties)).toEqual([{ host: 'b' }]);
});

test('an agent that is on its way when its cluster moves is not taken for gone', async () => {
  await using it = await open('jobs_per_agent: 1, start_timeout: 600', 'host: a');
  await it.trigger();
  await waitFor(() => it.cloud.machines.has('m-1'));
  await change(it, 'host: b');
  await it.restart();
  await pass(it, 3);
  expect(known(it)).toEqual(['m-1']);
  it.cloud.machines.delete('m-1');
  await pass(it, 2);
  expect(known(it)).not.toContain('m-1');
});

test('an agent of a cluster whose password is new is found and stopped with the new one, and the old one is not used', async () => {
  await using it = await open('jobs_per_agent: 5, idle_timeout: 250', 'host: a, token: old');
  await idleAgent(it);
  await change(it, 'host: a, token: new');
  it.cloud.refuses = ({ properties }) => properties['token'] === 'old';
  await it.restart();
  await pass(it, 3);
  expect(known(it)).toEqual(['m-1']);
  expect(it.cloud.looked.map(({ properties }) => properties['token'])).toEqual(['new', 'new', 'new']);
  await pass(it, 3);
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', cluster: { properties: { token: 'new' } } }]);
  expect(known(it)).toEqual([]);
});

test('an agent of a cluster that moves after its password was new is stopped where it was, with the new one', async () => {
  await using it = await open('jobs_per_agent: 5, idle_timeout: 90', 'host: a, token: old');
  await idleAgent(it);
  it.cloud.refuses = ({ properties }) => properties['token'] === 'old';
  for (const [properties, minutes] of [
    ['host: a, token: new', 1],
    ['host: b, token: new', 3],
  ] as const) {
    await change(it, properties);
    await it.restart();
    await pass(it, minutes);
  }
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped.map(({ cluster }) => cluster.properties)).toEqual([{ host: 'a', token: 'new' }]);
});

test('an agent that could not be stopped with the old password is stopped with the new one once it was listed', async () => {
  await using it = await open('jobs_per_agent: 5, idle_timeout: 10', 'host: a, token: old');
  const agent = await idleAgent(it);
  await change(it, 'host: a, token: new');
  it.cloud.refuses = ({ properties }) => properties['token'] === 'old';
  await it.restart();
  await agent.ping(it.fixture.core);
  await it.fixture.clock.advance(MINUTE);
  await waitFor(() => it.cloud.stopped.length > 1);
  expect(new Set(it.cloud.stopped.map(({ cluster }) => cluster.properties['token']))).toEqual(
    new Set(['old']),
  );
  expect(known(it)).toEqual(['m-1']);
  await pass(it, 3);
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped.at(-1)).toMatchObject({ cluster: { properties: { token: 'new' } } });
  expect([known(it), health(it)]).toEqual([[], []]);
});

test('an agent whose place is out of reach for an hour is given up, and people are told where to look for it', async () => {
  await using it = await open('jobs_per_agent: 5, idle_timeout: 10', 'host: a, token: x');
  await idleAgent(it);
  await change(it, 'host: b, token: x');
  it.cloud.refuses = ({ properties }) => properties['host'] === 'a';
  await it.restart();
  await pass(it, 50);
  expect([known(it), health(it)]).toEqual([['m-1'], []]);
  await pass(it, 25);
  expect(known(it)).toEqual([]);
  expect(health(it)).toMatchObject([
    {
      scope: 'elastic-agent/scripted/m-1',
      level: 'error',
      message: "Elastic agent m-1 of cluster profile 'cloud' may still run",
      detail: expect.stringMatching(/changed since \(host\).*cloud refuses.*Look for m-1 there/),
    },
  ]);
  expect(it.cloud.stopped.length).toBeLessThan(20);
  expect(it.cloud.looked.filter(({ properties }) => properties['host'] === 'a').length).toBeLessThan(20);
  // It was the same host by another name, and comes up again.
  it.cloud.machines.set('m-1', { agentId: 'm-1', clusterId: 'cloud', key: '', host: 'b', dead: false });
  await pass(it, 1);
  await waitFor(() => it.cloud.machines.size === 0);
  await waitFor(() => health(it).length === 0);
});

test('an agent that could not be made with a wrong password is forgotten when the right one is there', async () => {
  await using it = await open('jobs_per_agent: 1, max_agents: 1', 'host: a, token: wrong');
  it.cloud.refuses = ({ properties }) => properties['token'] === 'wrong';
  await it.trigger();
  await waitFor(() => it.cloud.machines.delete('m-1'));
  await it.cloud.broker.instanceFailed('scripted', 'm-1', 'unauthorized');
  await pass(it, 2);
  expect(known(it)).toEqual(['m-1']);
  await change(it, 'host: a, token: right');
  await it.restart();
  await pass(it, 2);
  await waitFor(() => it.cloud.machines.size === 1);
  expect(known(it)).toEqual([...it.cloud.machines.keys()]);
  expect(health(it)).toEqual([]);
});

test('an agent that registers while it is being stopped where its cluster was is not one that has never come', async () => {
  await using it = await open('jobs_per_agent: 1, start_timeout: 60', 'host: a');
  await it.trigger();
  await waitFor(() => it.cloud.machines.has('m-1'));
  await change(it, 'host: b');
  it.cloud.refuses = ({ properties }) => properties['host'] === 'a';
  const { stopAgent } = it.cloud;
  const proceed = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  it.cloud.stopAgent = async (params) => {
    asked.resolve();
    await proceed.promise;
    return stopAgent.call(it.cloud, params);
  };
  await it.restart();
  await it.fixture.clock.advance(MINUTE);
  await asked.promise;
  expect(await it.agents()[0]?.register(it.fixture.core)).toBe(true);
  proceed.resolve();
  await waitFor(() => it.cloud.stopped.length > 0);
  await pass(it, 1);
  expect(known(it)).toContain('m-1');
});

test('no agent is made where the cluster was when the plugin was asked, if it has moved before the key is made', async () => {
  await using it = await open('jobs_per_agent: 1', 'host: a');
  const { assignWork } = it.cloud;
  const proceed = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  it.cloud.assignWork = async (params) => {
    asked.resolve();
    await proceed.promise;
    return assignWork.call(it.cloud, params);
  };
  await it.trigger();
  await asked.promise;
  await change(it, 'host: b');
  const host = () =>
    it.cloud.broker.context.scheduler
      .config()
      .clusterProfiles[0]?.properties.map(({ value }) => value)
      .join();
  await waitFor(async () => {
    await it.fixture.clock.advance(1000);
    return host() === 'b';
  });
  proceed.resolve();
  await waitFor(() => it.cloud.machines.size > 0);
  // The first one got no key.
  expect([...it.cloud.machines.values()]).toMatchObject([{ agentId: 'm-2', host: 'b' }]);
});
