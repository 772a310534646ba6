import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { openBroker } from '../testing/open-broker.ts';
import { SimulatedAgent } from '../testing/simulated-agent.ts';

test('a job has an agent made for it, which gets it, and is taken down when it has done as many as it may', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  expect(it.waiting()).toMatchObject([{ action: 'hold', reason: 'm-1 is being started' }]);
  expect(await agent?.register(it.fixture.core)).toBe(true);
  agent?.ask(it.fixture.core);
  await waitFor(() => agent?.job !== undefined);
  expect(it.waiting()).toEqual([]);
  await agent?.work(it.fixture.core, true);
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', reason: 'jobs-done' }]);
  await waitFor(async () => (await it.fixture.core.agents.list()).length === 0);
  const told = it.cloud.events.map((event) =>
    event.type === 'agent-event' ? event.params.event : event.type,
  );
  expect(told).toEqual(['registered', 'idle', 'building', 'job-finished', 'idle', 'gone']);
});

test('whoever follows the events of the server hears of an elastic agent from its key to its end', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const told: string[] = [];
  using _listening = it.fixture.core.events.subscribe((event) => {
    if (event.type !== 'elastic-agent-changed') return;
    const { agentId, phase, stopReason = '', jobsGiven } = event.agent;
    const line = `${agentId} ${phase} ${jobsGiven} ${stopReason}`.trim();
    if (told.at(-1) !== line) told.push(line);
  });
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  await agent?.register(it.fixture.core);
  agent?.ask(it.fixture.core);
  await waitFor(() => agent?.job !== undefined);
  await agent?.work(it.fixture.core, true);
  await waitFor(() => told.at(-1)?.includes('gone'));
  expect(told).toEqual([
    'm-1 starting 0',
    'm-1 registered 0',
    'm-1 registered 1',
    'm-1 retiring 1 jobs-done',
    'm-1 gone 1 jobs-done',
  ]);
});

test('a key is good for one registration, also after a restart of the server, and only with its own agent id', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  if (agent === undefined) throw new Error('There is one');
  await it.restart();
  const { core } = it.fixture;
  const other = new SimulatedAgent({ ...agent.machine, agentId: 'somebody-else' });
  expect(await other.register(core)).toBe(false);
  expect(await agent.register(core)).toBe(true);
  const again = new SimulatedAgent({ ...agent.machine });
  Object.defineProperty(again, 'uuid', { value: 'uuid-after-a-crash' });
  expect(await again.register(core)).toBe(false);
});

test('a late agent of a cancelled job is let in disabled, gets nothing, and is taken down', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  const { core, clock } = it.fixture;
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  const stop = it.cloud.stopAgent.bind(it.cloud);
  let isReachable = false;
  it.cloud.stopAgent = async (params) => {
    if (!isReachable) throw new Error('Not yet');
    await stop(params);
  };
  await core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  await it.settle();
  expect(await agent?.register(core)).toBe(true);
  expect(await core.agents.list()).toMatchObject([{ configState: 'disabled' }]);
  expect(it.cloud.events).toContainEqual(
    expect.objectContaining({
      type: 'job-cancelled',
      params: expect.objectContaining({ phase: 'waiting', agentId: 'm-1' }),
    }),
  );
  // It asks for work, there is a job, and its plugin wants it to have that.
  it.cloud.mischief = () => 'lie';
  agent?.ask(core);
  await it.trigger();
  await waitFor(() => it.waiting()[0]?.action === 'unanswered');
  expect(it.waiting()[0]?.reason).toContain('cannot be given this job now');
  await clock.advance(30_000);
  await agent?.asked();
  expect(agent?.job).toBeUndefined();
  isReachable = true;
  await waitFor(async () => {
    await clock.advance(10_000);
    return !it.cloud.machines.has('m-1');
  });
  await waitFor(async () => (await core.agents.list()).length === 0);
});

test('there are never more agents than max_agents, and the job that waits for a place says so', async () => {
  await using it = await openBroker('max_agents: 2', 5);
  await it.trigger();
  await waitFor(
    () => it.cloud.machines.size === 2 && it.waiting().every(({ action }) => action !== 'asking'),
  );
  expect(it.waiting().map(({ action }) => action)).toEqual(['hold', 'hold', 'wait', 'wait', 'wait']);
  expect(it.waiting()[2]?.reason).toContain('max_agents');
});

test('an agent is used again for as many jobs as its profile says', async () => {
  await using it = await openBroker('jobs_per_agent: 2, max_agents: 1', 2);
  await it.trigger();
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  await agent?.register(it.fixture.core);
  for (let turn = 0; turn < 2; turn++) {
    agent?.ask(it.fixture.core);
    await waitFor(() => agent?.job !== undefined);
    await agent?.work(it.fixture.core, true);
  }
  await waitFor(() => it.cloud.machines.size === 0);
  expect(it.cloud.stopped).toHaveLength(1);
});

test('warm agents are kept, and one that is idle above them goes', async () => {
  await using it = await openBroker('min_idle: 1, jobs_per_agent: 5, idle_timeout: 10', 2);
  const { core, clock } = it.fixture;
  const [first] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  await first?.register(core);
  await clock.advance(60_000);
  expect(it.cloud.stopped).toEqual([]);
  expect(it.cloud.machines.size).toBe(1);
  await it.trigger();
  await waitFor(() => it.cloud.machines.size > 1);
  await waitFor(async () => {
    for (const agent of it.agents()) {
      if (!agent.isRegistered) await agent.register(core);
      agent.ask(core);
      await agent.work(core, true);
    }
    return (await it.fixture.instance('app')).stages[0]?.state === 'passed';
  });
  expect(it.cloud.machines.size).toBeGreaterThan(1);
  await waitFor(async () => {
    await clock.advance(5000);
    for (const agent of it.agents()) {
      if (!agent.isRegistered) await agent.register(core);
      await agent.ping(core);
    }
    return it.cloud.machines.size === 1;
  });
  expect(new Set(it.cloud.stopped.map(({ reason }) => reason))).toEqual(new Set(['idle-timeout']));
  const stopped = it.cloud.stopped.length;
  await clock.advance(60_000);
  expect(it.cloud.stopped).toHaveLength(stopped);
  expect(it.cloud.machines.size).toBe(1);
});

test('a job that waits longer than queue_timeout fails and its console says why', async () => {
  await using it = await openBroker('queue_timeout: 60');
  it.cloud.unavailable = 'Plugin scripted is not running: it has a cold.';
  await it.trigger();
  await waitFor(() => it.waiting()[0]?.action === 'unanswered');
  expect(it.waiting()[0]?.reason).toContain('it has a cold');
  await it.fixture.clock.advance(61_000);
  await waitFor(() => it.fixture.notes.length > 0);
  expect(it.fixture.notes[0]).toContain('queue_timeout');
  expect(await it.fixture.job('app', 'build', 'compile-runInstance-1')).toMatchObject({ result: 'failed' });
});

test('a plugin that chooses an agent that is not there is not believed, and is asked again later and later', async () => {
  await using it = await openBroker('jobs_per_agent: 1');
  it.cloud.mischief = () => 'lie';
  await it.trigger();
  await waitFor(() => it.waiting()[0]?.action === 'unanswered');
  expect(it.waiting()[0]?.reason).toContain('cannot be given this job now');
  const asked = it.cloud.asked.length;
  await it.fixture.clock.advance(20_000);
  expect(it.cloud.asked.length - asked).toBeLessThan(5);
});

test('an agent to which a plugin gives two jobs at once gets one, and no more than jobs_per_agent', async () => {
  await using it = await openBroker('jobs_per_agent: 1, min_idle: 1', 2);
  const [agent] = await waitFor(() => (it.cloud.machines.size === 1 ? it.agents() : undefined));
  await agent?.register(it.fixture.core);
  agent?.ask(it.fixture.core);
  it.cloud.mischief = () => 'lie';
  await it.trigger();
  await waitFor(() => agent?.job !== undefined);
  await waitFor(() => it.waiting()[0]?.action === 'unanswered');
  expect(it.waiting()[0]?.reason).toContain('cannot be given this job now');
  await agent?.work(it.fixture.core, true);
  agent?.ask(it.fixture.core);
  await waitFor(() => it.cloud.stopped.length > 0);
  expect(it.cloud.stopped).toMatchObject([{ agentId: 'm-1', reason: 'jobs-done' }]);
  expect(agent?.job).toBeUndefined();
});
