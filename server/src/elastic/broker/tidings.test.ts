import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { type BrokerBench, openBroker, working } from '../testing/open-broker.ts';

const finished = (it: BrokerBench) => it.cloud.events.filter((event) => event.type === 'job-finished');

test('a plugin hears of the end of a cancelled job also if the server was started anew while its agent ended it', async () => {
  await using it = await openBroker('jobs_per_agent: 5');
  await it.trigger();
  const agent = await working(it, 'm-1');
  agent.deaf = true;
  await it.fixture.core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  await it.settle();
  expect(finished(it)).toEqual([]);
  await it.restart();
  await agent.ping(it.fixture.core);
  expect(finished(it)).toEqual([]);
  await agent.work(it.fixture.core, true);
  await agent.ping(it.fixture.core);
  await waitFor(() => finished(it).length > 0);
  expect(finished(it)).toMatchObject([{ params: { agentId: 'm-1', result: 'cancelled' } }]);
});

test.each([
  ['its profile', 'cluster_profiles: {cloud: {plugin_id: scripted}}\n'],
  ['its cluster', 'format_version: 11\n'],
])('a plugin hears of the end of a job while whose run %s was removed', async (_what, rest) => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await it.fixture.pipelineFile('app.gocd.yaml', rest);
  const { scheduler } = it.cloud.broker.context;
  await waitFor(async () => {
    await it.fixture.clock.advance(10_000);
    await agent.ping(it.fixture.core);
    return scheduler.config().elasticProfiles.length === 0;
  });
  await agent.work(it.fixture.core, true);
  await waitFor(() => finished(it).length > 0);
  expect(finished(it)).toMatchObject([
    { params: { clusterId: 'cloud', agentId: 'm-1', result: 'passed', job: { profile: { id: 'small' } } } },
  ]);
});

test('a plugin hears of a job that has failed while it waited', async () => {
  await using it = await openBroker('queue_timeout: 60');
  it.cloud.mischief = () => 'decline';
  await it.trigger();
  await waitFor(() => it.waiting()[0]?.action === 'decline');
  await waitFor(async () => {
    await it.fixture.clock.advance(10_000);
    return finished(it).length > 0;
  });
  const [event] = finished(it);
  expect(event?.params).toMatchObject({ clusterId: 'cloud', result: 'failed' });
  expect(event?.params).not.toHaveProperty('agentId');
});
