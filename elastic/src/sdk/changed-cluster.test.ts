import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { cluster, setup } from '../testing/kit-bench.ts';

const moved = { id: 'c1', properties: { region: 'south' } };
const stop = { reason: 'jobs-done', message: 'It is done' } as const;

/** A plugin with an agent in the north, and then the cluster moves to the south. */
async function afterMove() {
  const it = await setup();
  await it.assign([1]);
  const agentId = await waitFor(() => [...it.world.agents.keys()][0]);
  await it.calls.tell('clusters-changed', { clusters: [moved] });
  const listed = async (place = cluster) => {
    const answer = await it.calls.listInstances({ clusters: [place] });
    return answer?.instances.map((instance) => instance.agentId);
  };
  return { ...it, agentId, listed };
}

test('an agent is found and removed where the cluster was when it was made, without a word about the place where it is now', async () => {
  const { world, calls, server, agentId, listed, end } = await afterMove();
  for (let turn = 0; turn < 3; turn++) {
    expect(await listed(cluster)).toEqual([agentId]);
    expect(await listed(moved)).toEqual([]);
  }
  await calls.stopAgent({ cluster: moved, agentId, ...stop });
  expect([...world.agents.keys()]).toEqual([agentId]);
  await calls.stopAgent({ cluster, agentId, ...stop });
  expect(world.agents.size).toBe(0);
  expect(world.connects.filter((region) => region === 'south')).toHaveLength(1);
  expect(world.disposed).not.toContain('south');
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('a place that the cluster has left is let go when nobody has asked about it for long', async () => {
  const { clock, world, calls, listed, end } = await afterMove();
  await waitFor(() => world.disposed.length === 1);
  const tick = async (minutes: number) => {
    await clock.advance(minutes * 60_000);
    await calls.tell('tick', { clusters: [{ cluster: moved, load: [] }] });
  };
  for (let turn = 0; turn < 4; turn++) {
    await listed();
    await tick(10);
  }
  expect(world.disposed).toEqual(['north']);
  await tick(6);
  await waitFor(() => world.disposed.length === 2);
  expect(world.disposed).toEqual(['north', 'north']);
  expect(world.connects).toEqual(['north', 'south', 'north']);
  expect(await end()).toEqual([]);
});

test('an agent that is being made when the cluster changes is made, listed and, if nobody wants it, given up where it was begun', async () => {
  const { world, server, calls, assign, end } = await setup();
  const proceed = Promise.withResolvers<void>();
  world.beforeCreate = async (attempt, signal) => {
    if (attempt === 1) await proceed.promise;
    else
      await new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error)),
      );
    return { type: 'created' };
  };
  await assign([1, 2]);
  await waitFor(() => world.orders.length === 2);
  const [first = '', second = ''] = world.orders.map(({ agentId }) => agentId);
  await calls.tell('clusters-changed', { clusters: [moved] });
  expect((await calls.listInstances({ clusters: [moved] }))?.instances).toEqual([]);
  expect((await calls.listInstances({ clusters: [cluster] }))?.instances).toMatchObject([
    { agentId: first, state: 'starting' },
    { agentId: second, state: 'starting' },
  ]);
  expect(await assign([1])).toMatchObject([{ action: 'hold', agentId: first }]);
  proceed.resolve();
  await waitFor(() => world.agents.get(first)?.region === 'north');
  await calls.stopAgent({ cluster: moved, agentId: second, reason: 'not-needed', message: 'cancelled' });
  expect((await calls.listInstances({ clusters: [cluster] }))?.instances).toMatchObject([
    { agentId: first, state: 'running' },
  ]);
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('a place that the cluster has left and that is out of reach is told of in the log once, and proves nothing', async () => {
  const { clock, world, plugin, server, calls, agentId, listed, end } = await afterMove();
  world.unreachable.add('north');
  for (let turn = 0; turn < 5; turn++) {
    expect(await calls.listInstances({ clusters: [cluster] })).toEqual({ clusterIds: [], instances: [] });
    await clock.advance(60_000);
  }
  const lines = plugin.errors().split('\n');
  expect(lines.filter((line) => line.includes('north is out of reach'))).toEqual([
    'warn cluster c1 as it was configured before cannot be looked at: north is out of reach',
  ]);
  world.unreachable.clear();
  expect(await listed()).toEqual([agentId]);
  expect(server.failed.size).toBe(0);
  expect(await end()).toEqual([]);
});

test('an agent that ends where the cluster was before is told of once', async () => {
  const { world, server, agentId, listed, plugin, end } = await afterMove();
  await listed();
  world.end(agentId);
  await listed();
  await listed();
  expect(await waitFor(() => server.failed.get(agentId))).toBe('as it is');
  expect(plugin.errors().match(/has ended/g)).toHaveLength(1);
  expect(await end()).toEqual([]);
});
