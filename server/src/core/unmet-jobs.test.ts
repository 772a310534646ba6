import { runServices, type Service } from '@go-agent/runtime';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { ServerEvent } from '../core.ts';
import { CoreFixture } from './core-fixture.ts';

const FILE = `
environments: {prod: {pipelines: [app]}}
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages:
      - build: {approval: manual, resources: [gpu], tasks: [{exec: {command: make}}]}
`;

async function watched() {
  const fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.yaml', FILE);
  const core = await fixture.start();
  const events: ServerEvent[] = [];
  core.events.subscribe((event) => events.push(event));
  const stop = new AbortController();
  const watch = core.services.filter(({ name }: Service) => name === 'job-watch');
  const running = runServices(watch, stop.signal);
  return {
    fixture,
    core,
    health: () => core.health().map(({ level, message, detail }) => ({ level, message, detail })),
    waits: () => events.flatMap((event) => (event.type === 'job-waiting' ? [event.wait.reason] : [])),
    /** Each second is one look. */
    async pass(seconds: number): Promise<void> {
      for (let passed = 0; passed < seconds; passed += 1) {
        await waitFor(() => fixture.clock.sleeping().includes(1000));
        await fixture.clock.advance(1000);
      }
      await waitFor(() => fixture.clock.sleeping().includes(1000));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      await running;
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test('a job that no agent can take says why: at once to who asks, soon as an event, after a minute as a health message', async () => {
  await using it = await watched();
  const { core } = it;
  await it.fixture.agent('a1', { autoRegisterEnvironments: ['prod'] });
  await core.pipelines.trigger('app', { approver: 'ann' });
  const { stages } = await it.fixture.instance('app');
  const { jobId } = stages[0]?.jobs[0] ?? { jobId: 0 };
  const reason = "No agent in environment 'prod' has the resource 'gpu'.";

  expect(core.waits()(jobId)).toEqual({ action: 'no-agent', reason });
  await it.pass(6);
  expect([it.waits(), it.health()]).toEqual([[reason], []]);
  await it.pass(60);
  expect(it.waits()).toEqual([reason]);
  expect(it.health()).toEqual([
    {
      level: 'warning',
      message: `Jobs wait for an agent. ${reason}`,
      detail: 'app/1/build/1/build. Give an agent what is asked for, or cancel what waits.',
    },
  ]);

  const waits = core.waits();
  expect(waits(jobId)).toMatchObject({ reason });
  await core.agents.update('a1', { resources: ['gpu'] });
  // The jobs of one answer are held against the agents once.
  expect(waits(jobId)).toMatchObject({ reason });
  await it.pass(1);
  expect(core.waits()(jobId)).toBeUndefined();
  expect(it.health()).toEqual([]);
});

test('an environment that agents are in and no file has is told, with the one that may be meant', async () => {
  await using it = await watched();
  await it.fixture.agent('a1');
  expect(await it.core.agents.update('a1', { environments: ['prodd'] })).toMatchObject({ type: 'ok' });
  await it.pass(1);
  expect(it.health()).toEqual([
    {
      level: 'warning',
      message: "Agents are in environment 'prodd', which no pipeline file has",
      detail: "It brings no jobs to host-a1. Did you mean 'prod'?",
    },
  ]);
  await it.core.agents.update('a1', { environments: ['prod'] });
  await it.pass(1);
  expect(it.health()).toEqual([]);
});
