import { AppError } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { cluster, profile, setup, TOKEN } from '../testing/kit-bench.ts';
import { Label } from './labels.ts';

test('for a job without an agent, a key is asked for, the job is held, and the agent is made in the background', async () => {
  const { world, server, assign, end, list } = await setup();
  const [decision] = await assign([1]);
  const [agentId = ''] = server.starting.keys();
  expect(decision).toEqual({
    action: 'hold',
    jobId: 1,
    agentId,
    reason: `Agent ${agentId} is being started`,
    askAgainMs: 60_000,
  });
  await waitFor(() => world.agents.has(agentId));
  expect(world.orders[0]).toMatchObject({
    agentId,
    profileId: 'p1',
    profile: { size: 'small' },
    serverUrl: 'http://127.0.0.1:9/go',
    labels: { [Label.server]: 's1', [Label.cluster]: 'c1', [Label.agent]: agentId, [Label.profile]: 'p1' },
  });
  expect(await list()).toEqual({
    clusterIds: ['c1'],
    instances: [{ agentId, clusterId: 'c1', state: 'running' }],
  });
  expect(await assign([1])).toMatchObject([{ action: 'hold', agentId }]);
  expect(world.orders).toHaveLength(1);
  expect(await end()).toEqual([]);
});

test('when the server refuses a key, the job waits with its reason until the time it names', async () => {
  const { server, assign, end } = await setup();
  server.maxAgents = 1;
  expect(await assign([1, 2])).toEqual([
    expect.objectContaining({ action: 'hold', jobId: 1 }),
    { action: 'wait', jobId: 2, reason: 'The limit of 1 agents is reached', askAgainMs: 60_000 },
  ]);
  expect(await end()).toEqual([]);
});

test('an order that the provider refuses is told at once, and the next jobs wait for the next try', async () => {
  const { world, server, assign, end } = await setup();
  world.beforeCreate = async () => ({ type: 'refused', reason: `quota of ${TOKEN} is used up` });
  await assign([1]);
  const [, reason] = await waitFor(() => [...server.failed][0]);
  expect(reason).toBe('quota of *** is used up');
  expect(await assign([1])).toEqual([
    {
      action: 'wait',
      jobId: 1,
      reason: 'Starting an agent has failed once (quota of *** is used up); the next try is in 5 s',
      askAgainMs: 5000,
    },
  ]);
  expect(await end()).toEqual([]);
});

test('a call that failed without an answer is made again for the same agent', async () => {
  const { clock, world, server, assign, end } = await setup();
  world.beforeCreate = async (attempt) => {
    if (attempt < 3) throw new AppError('elastic-docker', 'no answer', { retryable: true });
    return { type: 'created' };
  };
  await assign([1]);
  for (let attempt = 1; attempt < 3; attempt++) {
    await waitFor(() => clock.sleeping().includes(attempt * 1000));
    await clock.advance(attempt * 1000);
  }
  await waitFor(() => world.agents.size === 1);
  expect(new Set(world.orders.map(({ agentId }) => agentId)).size).toBe(1);
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('an agent that is still being made is listed, so that nobody takes it for gone', async () => {
  const { world, server, assign, end, list } = await setup();
  const proceed = Promise.withResolvers<void>();
  world.beforeCreate = async () => {
    await proceed.promise;
    return { type: 'created' };
  };
  await assign([1]);
  const [agentId = ''] = server.starting.keys();
  expect((await list())?.instances).toEqual([{ agentId, clusterId: 'c1', state: 'starting' }]);
  proceed.resolve();
  await waitFor(() => world.agents.size === 1);
  expect((await list())?.instances).toEqual([{ agentId, clusterId: 'c1', state: 'running' }]);
  expect(await end()).toEqual([]);
});

test('what is there of an agent that is still being made has not ended, whatever the provider says', async () => {
  const { world, server, assign, end, list } = await setup();
  const proceed = Promise.withResolvers<void>();
  world.beforeCreate = async () => {
    await proceed.promise;
    return { type: 'created' };
  };
  await assign([1]);
  const [agentId = ''] = server.starting.keys();
  const labels = { [Label.server]: 's1', [Label.cluster]: 'c1' };
  world.agents.set(agentId, { labels, state: 'ended' });
  expect((await list())?.instances).toEqual([{ agentId, clusterId: 'c1', state: 'starting' }]);
  expect(server.failed.size).toBe(0);
  proceed.resolve();
  await waitFor(() => world.agents.get(agentId)?.state === 'running');
  expect((await list())?.instances).toEqual([{ agentId, clusterId: 'c1', state: 'running' }]);
  expect(await end()).toEqual([]);
});

test('a cluster that cannot be looked at is not named, and none of its agents is reported as gone', async () => {
  const { world, server, assign, end, list } = await setup();
  await assign([1]);
  await waitFor(() => world.agents.size === 1);
  await list();
  world.listError = new Error('connection refused');
  expect(await list()).toEqual({ clusterIds: [], instances: [] });
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('the end of an agent that nobody has stopped is told at once', async () => {
  const { clock, world, server, assign, end } = await setup();
  await assign([1]);
  await waitFor(() => world.agents.size === 1);
  const [agentId = ''] = world.agents.keys();
  await world.watched.promise;
  world.end(agentId);
  await waitFor(() => clock.sleeping().includes(100));
  await clock.advance(100);
  expect(await waitFor(() => server.failed.get(agentId))).toBe('as it is');
  expect(await end()).toEqual([]);
});

test('an agent that is missing from one list is no news, one that is missing from two is told once', async () => {
  const { clock, world, server, end, list } = await setup();
  const labels = { [Label.server]: 's1', [Label.cluster]: 'c1' };
  const lists = async (...there: readonly boolean[]) => {
    for (const isThere of there) {
      if (isThere) world.agents.set('vm', { labels, state: 'running' });
      else world.agents.delete('vm');
      await list();
      await clock.advance(60_000);
    }
    return [...server.failed];
  };
  expect(await lists(true, false, true, false)).toEqual([]);
  expect(await lists(true, false, false)).toEqual([['vm', 'It is not there any more']]);
  server.failed.clear();
  expect(await lists(false)).toEqual([]);
  expect(await end()).toEqual([]);
});

test('an agent that is stopped while it is being made is not made any more, and its end is no news', async () => {
  const { world, server, calls, assign, end, list } = await setup();
  world.beforeCreate = (_, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  await assign([1]);
  const [agentId = ''] = server.starting.keys();
  await waitFor(() => world.orders.length === 1);
  await calls.stopAgent({ cluster, agentId, reason: 'not-needed', message: 'cancelled' });
  expect((await list())?.instances).toEqual([]);
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('an agent started beforehand is claimed by the next job', async () => {
  const { server, calls, assign, end } = await setup();
  expect(await calls.startAgents({ cluster, profile, count: 2 })).toMatchObject({
    agentIds: [...server.starting.keys()],
  });
  expect(server.starting.size).toBe(2);
  expect(await assign([1, 2])).toMatchObject([{ action: 'hold' }, { action: 'hold' }]);
  expect(server.starting.size).toBe(2);
  expect(await end()).toEqual([]);
});
