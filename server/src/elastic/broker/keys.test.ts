import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { registrationForm } from '../../core/core-fixture.ts';
import { openBroker } from '../testing/open-broker.ts';

/** A job that waits for its agent m-1, and the form with which that registers. */
async function open() {
  const it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const machine = await waitFor(() => it.cloud.machines.get('m-1'));
  const { agents } = it.fixture.core;
  const form = async (uuid: string) => {
    const token = await agents.token(uuid);
    return registrationForm(uuid, {
      token: token.type === 'issued' ? token.token : '',
      autoRegisterKey: machine.key,
      elasticAgentId: 'm-1',
      elasticPluginId: 'scripted',
    });
  };
  const [job] = it.fixture.core.elastic.waiting();
  const wish = { clusterId: 'cloud', profileId: 'small', jobId: job?.job.jobId ?? 0 };
  return { ...it, agents, form, wish, key: machine.key };
}

test('an agent that was started again in its old home registers again, and is the same agent', async () => {
  await using it = await open();
  const form = await it.form('uuid-1');
  expect(await it.agents.register(form)).toEqual({ type: 'registered' });
  expect(await it.agents.register(form)).toEqual({ type: 'registered' });
  expect(await it.agents.list()).toHaveLength(1);
});

test('an agent that was started again without its old home is refused, and the job gets another agent', async () => {
  await using it = await open();
  expect(await it.agents.register(await it.form('uuid-1'))).toEqual({ type: 'registered' });
  const refused = await it.agents.register(await it.form('uuid-2'));
  expect(refused.type).toBe('rejected');
  // The reason ends up in logs.
  expect(JSON.stringify(refused)).not.toContain(it.key);
  await it.fixture.clock.advance(60_000);
  await waitFor(() => it.cloud.machines.has('m-2'));
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', reason: 'lost' }]);
});

test('no second agent is started for a job whose agent is on its way, however often its plugin asks', async () => {
  await using it = await open();
  expect(await it.cloud.broker.createKey('scripted', { ...it.wish, agentId: 'm-another' })).toEqual({
    type: 'refused',
    reason: 'Agent m-1 is being started for this job already',
    askAgainMs: 30_000,
  });
});

/** Keys of a v5 plugin, and what becomes of agents that bring them along. */
async function openV5() {
  const it = await openBroker('jobs_per_agent: 1');
  const createKey = async () => {
    const made = await it.cloud.broker.createKey('scripted', { clusterId: 'cloud', profileId: 'small' });
    return made.type === 'created' ? made.key : made.reason;
  };
  const register = async (uuid: string, autoRegisterKey: string) => {
    const token = await it.fixture.core.agents.token(uuid);
    const form = registrationForm(uuid, {
      token: token.type === 'issued' ? token.token : '',
      autoRegisterKey,
      elasticAgentId: `agent-of-${uuid}`,
      elasticPluginId: 'scripted',
    });
    return (await it.fixture.core.agents.register(form)).type;
  };
  return { ...it, createKey, register, fleet: it.cloud.broker.context.fleet };
}

test('a v5 plugin that is asked again gets another key for the same place: the first agent stays, a second is let in disabled', async () => {
  await using it = await openV5();
  const [one, another] = [await it.createKey(), await it.createKey()];
  expect(it.fleet.all()).toHaveLength(1);
  expect(await it.register('uuid-1', one)).toBe('registered');
  expect(await it.register('uuid-2', another)).toBe('registered');
  const states = async () => (await it.fixture.core.agents.list()).map(({ uuid, state }) => [uuid, state]);
  expect(await states()).toEqual([
    ['uuid-1', 'idle'],
    ['uuid-2', 'disabled'],
  ]);
  // Each of them once.
  expect(await it.register('uuid-3', another)).toBe('rejected');
});

test('a key that a v5 plugin makes no agent with is void, and nothing else: neither another key nor an agent', async () => {
  await using it = await openV5();
  const revoke = (key: string) => it.cloud.broker.revokeKey('scripted', key, 'no quota');
  const [one, another] = [await it.createKey(), await it.createKey()];
  expect(await revoke(another)).toBe(false);
  expect(await it.register('uuid-2', another)).toBe('rejected');
  expect(await it.register('uuid-1', one)).toBe('registered');
  expect(await revoke(one)).toBe(false);
  expect(it.fleet.all()).toMatchObject([{ agentId: 'agent-of-uuid-1' }]);
  expect(await revoke(await it.createKey())).toBe(true);
  expect(it.fleet.all()).toHaveLength(1);
});
