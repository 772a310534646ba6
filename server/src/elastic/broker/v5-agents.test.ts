import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { registrationForm } from '../../core/core-fixture.ts';
import { openBroker } from '../testing/open-broker.ts';

const MINUTE = 60_000;

/** A plugin that names no agents and stops none, with a job that waits for one. */
async function open() {
  const it = await openBroker('max_agents: 1');
  it.cloud.stopsAgents = false;
  it.cloud.assignWork = async ({ jobs }) => ({
    decisions: jobs.map(({ jobId }) => ({ action: 'hold', jobId, reason: 'Asked.', askAgainMs: 2 * MINUTE })),
  });
  const trigger = async () => {
    await it.trigger();
    await waitFor(() => it.waiting()[0]?.action === 'hold');
  };
  await trigger();
  return {
    ...it,
    trigger,
    createKey: () => {
      const jobId = it.fixture.core.elastic.waiting()[0]?.job.jobId ?? 0;
      return it.cloud.broker.createKey('scripted', { clusterId: 'cloud', profileId: 'small', jobId });
    },
    cancel: async () => {
      await it.fixture.core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
      await waitFor(() => it.cloud.broker.context.fleet.all()[0]?.phase === 'retiring');
    },
    register: async (uuid: string, made: Awaited<ReturnType<typeof it.cloud.broker.createKey>>) => {
      const token = await it.fixture.core.agents.token(uuid);
      const form = registrationForm(uuid, {
        token: token.type === 'issued' ? token.token : '',
        autoRegisterKey: made.type === 'created' ? made.key : '',
        elasticAgentId: `agent-of-${uuid}`,
        elasticPluginId: 'scripted',
      });
      const { type } = await it.fixture.core.agents.register(form);
      const agents = await it.fixture.core.agents.list();
      return [type, agents.find((agent) => agent.uuid === uuid)?.configState];
    },
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

test('an agent that was asked for in vain keeps no other from its place for longer than two minutes; if it comes late, it counts', async () => {
  await using it = await open();
  const late = await it.createKey();
  await it.cancel();
  await it.trigger();
  expect(await it.createKey()).toMatchObject({
    type: 'refused',
    reason: expect.stringContaining('max_agents'),
  });
  await it.fixture.clock.advance(2 * MINUTE);
  const next = await it.createKey();
  expect(next.type).toBe('created');
  expect(await it.register('uuid-late', late)).toEqual(['registered', 'disabled']);
  expect(await it.register('uuid-next', next)).toEqual(['registered', 'enabled']);
});

test('a late agent is one of max_agents until it is taken down', async () => {
  await using it = await open();
  const late = await it.createKey();
  await it.cancel();
  expect(await it.register('uuid-late', late)).toEqual(['registered', 'disabled']);
  await it.trigger();
  await it.fixture.clock.advance(2 * MINUTE);
  expect(await it.createKey()).toMatchObject({
    type: 'refused',
    reason: expect.stringContaining('max_agents'),
  });
});

test('each key of a v5 plugin has the whole of start_timeout: an agent that is made with a later one is in time', async () => {
  await using it = await open();
  await it.createKey();
  await it.fixture.clock.advance(9 * MINUTE);
  const later = await it.createKey();
  await it.restart();
  await it.fixture.clock.advance(9 * MINUTE);
  expect(await it.register('uuid-1', later)).toEqual(['registered', 'enabled']);
});

test('of two agents that a v5 plugin has made for one job the second is let in disabled, so that its plugin takes it down', async () => {
  await using it = await open();
  const first = await it.createKey();
  await it.fixture.clock.advance(2 * MINUTE);
  const second = await it.createKey();
  expect(await it.register('uuid-1', first)).toEqual(['registered', 'enabled']);
  await it.restart();
  expect(await it.register('uuid-2', second)).toEqual(['registered', 'disabled']);
  const agents = await it.fixture.core.agents.list();
  expect(agents.map(({ uuid, state }) => [uuid, state])).toEqual([
    ['uuid-1', 'missing'],
    ['uuid-2', 'disabled'],
  ]);
});

test('an agent that a v5 plugin is asked for again and again in vain is given up after start_timeout, and the rests grow', async () => {
  await using it = await open();
  const { fleet, rests } = it.cloud.broker.context;
  const refusals = new Set<string>();
  for (let minute = 0; minute < 60; minute++) {
    const made = await it.createKey();
    if (made.type === 'refused') refusals.add(made.reason);
    await it.fixture.clock.advance(MINUTE);
    if (minute === 9) await waitFor(() => fleet.all()[0]?.stopReason === 'never-registered');
  }
  expect(rests.of('small')?.reason).toMatch(/^the last [4-6] agents did not start/);
  expect([...refusals]).toContainEqual(expect.stringContaining('No agent is started just now'));
});

test('a v5 agent that was given up gets its job after all while that waits and its key is good, also after a restart', async () => {
  await using it = await open();
  await it.createKey();
  await it.fixture.clock.advance(8 * MINUTE);
  const late = await it.createKey();
  await it.fixture.clock.advance(3 * MINUTE);
  await waitFor(() => it.cloud.broker.context.fleet.all()[0]?.stopReason === 'never-registered');
  await it.restart();
  expect(await it.register('uuid-1', late)).toEqual(['registered', 'enabled']);
  await it.restart();
  expect(it.cloud.broker.context.fleet.byUuid('uuid-1')).toMatchObject({ phase: 'registered' });
  expect(it.cloud.broker.context.fleet.byUuid('uuid-1')?.stopReason).toBeUndefined();
});
