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

test('a v5 plugin that is asked again gets another key for the same place, and each is good until one is used', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const wish = { clusterId: 'cloud', profileId: 'small' };
  const createKey = () => it.cloud.broker.createKey('scripted', wish);
  const [one, another] = [await createKey(), await createKey()];
  expect(it.cloud.broker.context.fleet.all()).toHaveLength(1);
  const register = async (uuid: string, key: typeof one) => {
    const token = await it.fixture.core.agents.token(uuid);
    const form = registrationForm(uuid, {
      token: token.type === 'issued' ? token.token : '',
      autoRegisterKey: key.type === 'created' ? key.key : '',
      elasticAgentId: `agent-of-${uuid}`,
      elasticPluginId: 'scripted',
    });
    return (await it.fixture.core.agents.register(form)).type;
  };
  expect(await register('uuid-1', one)).toBe('registered');
  expect(await register('uuid-2', another)).toBe('rejected');
});
