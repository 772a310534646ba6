import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { openBroker, working } from '../testing/open-broker.ts';

test('a job whose plugin is not installed has a health message for as long as it waits', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  it.cloud.provider = () => undefined;
  await it.trigger();
  await waitFor(() => it.waiting()[0]?.action === 'unanswered');
  expect(it.fixture.core.health()).toMatchObject([
    {
      level: 'error',
      message: 'Unable to find agent for app/build/compile-runInstance-1',
      detail: expect.stringContaining('Plugin [scripted]'),
    },
  ]);
  await it.fixture.core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  await waitFor(() => it.fixture.core.health().length === 0);
});

test('agents whose plugin is not installed any more have a health message that names them, until they are gone', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const agent = await working(it, 'm-1');
  const ask = it.cloud.provider.bind(it.cloud);
  it.cloud.provider = () => undefined;
  await it.restart();
  const left = () => it.fixture.core.health().filter(({ scope }) => scope === 'elastic-agents/scripted');
  await waitFor(() => left().length === 1);
  expect(left()).toMatchObject([
    {
      level: 'warning',
      message: 'Elastic agents with no matching plugins',
      detail: `Elastic agent plugin with identifier scripted has gone missing, but left behind 1 agent(s) with UUIDs [${agent.uuid}].`,
    },
  ]);
  it.cloud.provider = ask;
  await waitFor(async () => {
    await it.fixture.clock.advance(60_000);
    return left().length === 0;
  });
});
