import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { cluster, job, profile, setup } from '../testing/kit-bench.ts';
import { Label } from './labels.ts';

test('when the properties of a cluster change, it is connected to anew and the old connection is closed', async () => {
  const { world, calls, end, list } = await setup();
  await list();
  await calls.tell('clusters-changed', { clusters: [{ id: 'c1', properties: { region: 'south' } }] });
  await calls.listInstances({ clusters: [{ id: 'c1', properties: { region: 'south' } }] });
  expect(world.connects).toEqual(['north', 'south']);
  await waitFor(() => world.disposed.length === 1);
  expect(await end()).toEqual([]);
  expect(world.disposed).toEqual(['north', 'south']);
});

test('each cluster has one connection of its own, however often and in whatever turn they are used', async () => {
  const { world, calls, end } = await setup();
  const south = { id: 'c2', properties: { region: 'south' } };
  await calls.tell('clusters-changed', { clusters: [cluster, south] });
  for (let turn = 0; turn < 3; turn++) {
    await calls.listInstances({ clusters: [cluster, south] });
    await calls.listInstances({ clusters: [south] });
  }
  expect(world.connects.toSorted()).toEqual(['north', 'south']);
  expect(world.disposed).toEqual([]);
  expect(await end()).toEqual([]);
});

test('a profile with problems declines its jobs with all of them', async () => {
  const { calls, end } = await setup();
  const wrong = { ...profile, properties: { sise: 'big' } };
  const answer = await calls.assignWork({
    cluster,
    jobs: [{ ...job(1), profile: wrong }],
    agents: [],
    waitingCount: 1,
    startingCount: 0,
  });
  expect(answer?.decisions).toEqual([
    {
      action: 'decline',
      jobId: 1,
      reason: 'Elastic agent profile p1: sise is no setting here; known are size.',
      askAgainMs: 120_000,
    },
  ]);
  expect(await calls.validate({ kind: 'profile', properties: { sise: 'big' } })).toEqual({
    problems: [{ key: 'sise', message: 'sise is no setting here; known are size.' }],
  });
  expect(await end()).toEqual([]);
});

test('status reports list the agents of each cluster, without anything that a browser would run', async () => {
  const { world, calls, end } = await setup();
  world.agents.set('<script>', { labels: { [Label.server]: 's1', [Label.cluster]: 'c1' }, state: 'running' });
  const report = await calls.statusReport({ kind: 'cluster', clusters: [cluster] });
  expect(report?.html).toContain('<h2>c1</h2><table>');
  expect(report?.html).toContain('<td>&lt;script&gt;</td><td>running</td>');
  expect(await end()).toEqual([]);
});
