import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { PluginDesk } from '../plugin-host/plugin-desk.ts';
import { type BrokerBench, openBroker, working } from '../testing/open-broker.ts';

const first = (it: BrokerBench) => it.fixture.job('app', 'build', 'compile-runInstance-1');

const LATER = `
  later:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages: [{build: {approval: manual, elastic_profile_id: small, tasks: [{exec: {command: make}}]}}]
`;

test('a job that is scheduled again keeps its place in the queue, before those that came later', async () => {
  await using it = await openBroker('max_agents: 1', 1, LATER);
  await it.trigger();
  const agent = await working(it, 'm-1');
  const before = await first(it);
  await it.fixture.clock.advance(5000);
  await it.fixture.core.pipelines.trigger('later', { approver: 'ann' });
  await waitFor(() => it.waiting().length === 1);
  agent.machine.dead = true;
  await it.cloud.broker.instanceFailed('scripted', 'm-1', 'It has ended.');
  await it.fixture.clock.advance(30_000);
  const waiting = await waitFor(() => {
    const jobs = it.fixture.core.elastic.waiting().map(({ job }) => job);
    return jobs.length === 2 ? jobs : undefined;
  });
  expect(waiting.map(({ pipeline }) => pipeline)).toEqual(['app', 'later']);
  expect(waiting[0]).toMatchObject({ scheduledAt: before?.scheduledAt });
  expect(waiting[0]?.jobId).not.toBe(before?.jobId);
});

test('a disabled agent that dies does not keep its job', async () => {
  await using it = await openBroker('jobs_per_agent: 5');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await it.fixture.core.agents.update(agent.uuid, { configState: 'disabled' });
  agent.machine.dead = true;
  await it.fixture.clock.advance(330_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
  expect(await first(it)).toMatchObject({ state: 'scheduled' });
});

test('a plugin deletes an agent at work by force only, and its job goes to another', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  const server = { serverId: 's', serverUrl: 'u' };
  const desk = new PluginDesk({ pluginId: 'scripted', broker: it.cloud.broker, ...server });
  const refusal = 'It has a job; it is deleted when the job is over, or by force.';
  expect(await desk.deleteAgents(['m-1'], false)).toEqual(new Map([['m-1', refusal]]));
  await desk.deleteSilentAgents(['m-1']);
  expect(await first(it)).toMatchObject({ state: 'building', agentUuid: agent.uuid });
  expect(await desk.deleteAgents(['m-1'], true)).toEqual(new Map([['m-1', undefined]]));
  it.cloud.machines.delete('m-1');
  await it.fixture.clock.advance(30_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
});

test('an agent that speaks is there, though its plugin says that it has gone', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  await it.cloud.broker.instanceFailed('scripted', 'm-1', 'It is not there any more.');
  for (let round = 0; round < 5; round++) {
    await it.fixture.clock.advance(5000);
    await agent.ping(it.fixture.core);
  }
  expect(await first(it)).toMatchObject({ state: 'building', agentUuid: agent.uuid });
});

test('queue_timeout is about waiting: a job whose agent was lost after long work has its time anew', async () => {
  await using it = await openBroker('queue_timeout: 600');
  await it.trigger();
  const agent = await working(it, 'm-1');
  for (let minute = 0; minute < 12; minute++) {
    await it.fixture.clock.advance(60_000);
    await agent.ping(it.fixture.core);
  }
  agent.machine.dead = true;
  await it.cloud.broker.instanceFailed('scripted', 'm-1', 'The spot instance was reclaimed.');
  await it.fixture.clock.advance(30_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
  expect(await first(it)).toMatchObject({ state: 'scheduled' });
});
