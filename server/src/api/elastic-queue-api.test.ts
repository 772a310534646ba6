import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { openBroker } from '../elastic/testing/open-broker.ts';
import { testServer } from '../testing/test-server.ts';

/** A whole server around a broker with a scripted plugin. */
async function open(policy: string, jobs: number) {
  const resources = new AsyncDisposableStack();
  const it = resources.use(await openBroker(policy, jobs));
  const core = { ...it.fixture.core, [Symbol.asyncDispose]: async () => undefined };
  const server = resources.use(await testServer(core));
  const ask = async (path: string) => JSON.parse((await server.asAdmin(path)).body);
  return { ...it, ask, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('the queue of jobs for elastic agents is shown, oldest first, each with its reason', async () => {
  await using it = await open('max_agents: 1', 2);
  await it.trigger();
  await waitFor(() => it.waiting().length === 2 && it.waiting().every(({ action }) => action !== 'asking'));
  const common = { elastic_profile_id: 'small', cluster_profile_id: 'cloud', plugin_id: 'scripted' };
  expect(await it.ask('/api/elastic/waiting')).toMatchObject([
    {
      pipeline_name: 'app',
      pipeline_counter: 1,
      stage_name: 'build',
      stage_counter: '1',
      job_name: 'compile-runInstance-1',
      waiting: { ...common, action: 'hold', reason: 'm-1 is being started' },
    },
    {
      job_name: 'compile-runInstance-2',
      waiting: { ...common, action: 'wait', reason: expect.stringContaining('max_agents') },
    },
  ]);
  const job = await it.ask('/api/jobs/app/1/build/1/compile-runInstance-2');
  expect(job).toMatchObject({ state: 'Scheduled', waiting: { action: 'wait' } });
});

test('an agent names its elastic id and plugin, and a job those of its agent, also when that is gone', async () => {
  await using it = await open('jobs_per_agent: 1', 1);
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  await agent?.register(it.fixture.core);
  agent?.ask(it.fixture.core);
  await waitFor(() => agent?.job !== undefined);
  const agents = () => it.ask('/api/agents');
  expect((await agents())._embedded.agents).toMatchObject([
    { elastic_agent_id: 'm-1', elastic_plugin_id: 'scripted', build_details: { pipeline_name: 'app' } },
  ]);
  await agent?.work(it.fixture.core, true);
  await waitFor(async () => (await agents())._embedded.agents.length === 0);
  const known = { elastic_agent_id: 'm-1', elastic_plugin_id: 'scripted', elastic_profile_id: 'small' };
  expect(await it.ask('/api/jobs/app/1/build/1/compile-runInstance-1')).toMatchObject({
    result: 'Passed',
    ...known,
  });
  expect((await it.ask('/api/stages/app/1/build/1')).jobs).toMatchObject([known]);
});
