import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from './core-fixture.ts';

const TWO = `
pipelines:
  up:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, ignore: ["docs/**"]}}
    stages:
      - build: {tasks: [{exec: {command: make}}]}
      - release: {approval: manual, tasks: [{exec: {command: make}}]}
  down:
    group: g
    materials: {upstream: {pipeline: up, stage: build}}
    stages:
      - use: {tasks: [{fetch: {pipeline: up, stage: build, job: build, source: out}}]}
`;

/** With the core's own activities going on; time passes only when the test says so. */
async function withServices(files: Readonly<Record<string, string>>) {
  const fixture = await CoreFixture.make();
  for (const [name, text] of Object.entries(files)) await fixture.pipelineFile(name, text);
  await fixture.start();
  const stop = new AbortController();
  const running = runServices(fixture.core.services, stop.signal);
  // The first turn of the polls is due at once.
  await fixture.clock.advance(0);
  return {
    fixture,
    /** One whole poll: what it finds is stored when this resolves. */
    async poll(): Promise<void> {
      const isWaiting = () => fixture.clock.sleeping().includes(60_000);
      await waitFor(isWaiting);
      await fixture.clock.advance(60_000);
      await waitFor(isWaiting);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      stop.abort();
      await running;
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test('a new pipeline runs by itself, a commit runs it again, and a passed stage runs what depends on it', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const agent = await fixture.agent('a1');
  expect(await fixture.instance('up')).toMatchObject({
    counter: 1,
    buildCause: { approver: 'changes', triggerForced: false, message: 'modified by Ann <ann@example.com>' },
  });
  await fixture.runJob(agent);
  expect(await fixture.instance('down')).toMatchObject({
    buildCause: { message: 'triggered by up/1/build/1', materialRevisions: [{ materialType: 'Pipeline' }] },
  });
  await fixture.runJob(agent);

  const revisions = [await fixture.commit('second'), await fixture.commit('third')];
  await server.poll();
  const { buildCause } = await fixture.instance('up', 2);
  expect(buildCause.materialRevisions[0]?.modifications.map(({ revision }) => revision)).toEqual(
    revisions.reverse(),
  );
});

test('a commit that the filter ignores starts nothing, and is part of the next run', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const agent = await fixture.agent('a1');
  await fixture.instance('up');
  await fixture.runJob(agent);
  await fixture.commit('docs only', 'docs/a.md');
  await server.poll();
  const { fingerprint } = (await fixture.instance('up')).buildCause.materialRevisions[0] ?? {};
  expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  await fixture.commit('code', 'src/a.c');
  await server.poll();
  const { buildCause } = await fixture.instance('up', 2);
  expect(buildCause.materialRevisions[0]?.modifications.map(({ comment }) => comment)).toEqual([
    'code',
    'docs only',
  ]);
});

test('a manual stage waits for its approval, is refused while it runs, and gets a new counter when it runs again', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const { pipelines } = fixture.core;
  const agent = await fixture.agent('a1');
  await fixture.instance('up');
  expect(await pipelines.runStage('up', 1, 'release', 'bob')).toMatchObject({ type: 'conflict' });
  await fixture.runJob(agent);
  expect((await fixture.instance('up')).stages[1]).toMatchObject({
    name: 'release',
    scheduled: false,
    canRun: true,
  });
  expect(await pipelines.runStage('up', 1, 'RELEASE', 'bob')).toMatchObject({ type: 'ok', value: 1 });
  expect(await pipelines.runStage('up', 1, 'release', 'bob')).toMatchObject({ type: 'conflict' });
  await pipelines.cancelStage('up', 1, 'release', 1, 'bob');
  expect(await pipelines.runStage('up', 1, 'release', 'bob')).toMatchObject({ type: 'ok', value: 2 });
  expect(await pipelines.stage('up', 1, 'release', 2)).toMatchObject({
    approvedBy: 'bob',
    state: 'building',
  });
});

test('a paused pipeline is not triggered by anybody, and runs what it has missed when it is unpaused', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const { pipelines } = fixture.core;
  const agent = await fixture.agent('a1');
  await fixture.instance('up');
  await fixture.runJob(agent);
  expect(await pipelines.pause('up', 'bob', 'holiday')).toMatchObject({ type: 'ok' });
  expect(await pipelines.pause('up', 'bob', 'holiday')).toMatchObject({ type: 'conflict' });
  expect(await pipelines.trigger('up', { approver: 'ann' })).toMatchObject({ type: 'conflict' });
  expect(await pipelines.status('up')).toMatchObject({ paused: true, pausedBy: 'bob', schedulable: false });
  await fixture.commit('second');
  await server.poll();
  await pipelines.unpause('up');
  await server.poll();
  expect(await fixture.instance('up', 2)).toMatchObject({ buildCause: { approver: 'changes' } });
});

test('a repository that is missing is a message with a remedy, others go on, and the message ends when it is there', async () => {
  const broken =
    TWO.replaceAll('REPOSITORY', 'REPOSITORY-elsewhere').replace('up:', 'lost:').split('  down:')[0] ?? '';
  await using server = await withServices({ 'broken.yaml': broken, 'two.yaml': TWO });
  const { fixture } = server;
  await fixture.instance('up');
  const [message] = await waitFor(() =>
    fixture.core.health().length > 0 ? fixture.core.health() : undefined,
  );
  expect(message).toMatchObject({ level: 'error', message: expect.stringContaining('repository-elsewhere') });
  expect(message?.detail).toContain('Correct the url');
  await fixture.core.pipelines.trigger('lost', { approver: 'ann' });
  await waitFor(() =>
    fixture.core.health().some(({ message }) => message === "Could not trigger pipeline 'lost'"),
  );
});

test('a trigger with a variable that the pipeline does not have, or of a pipeline that does not exist, is refused', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { pipelines } = server.fixture.core;
  const agent = await server.fixture.agent('a1');
  await server.fixture.instance('up');
  await server.fixture.runJob(agent);
  const variables = [{ name: 'X', value: '1' }];
  expect(await pipelines.trigger('up', { approver: 'ann', variables })).toMatchObject({ type: 'invalid' });
  expect(await pipelines.trigger('nope', { approver: 'ann' })).toMatchObject({ type: 'not-found' });
});

test('a file that is edited takes force by itself, a mistake in it is told, and what is scheduled runs as it was', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const agent = await fixture.agent('a1');
  await fixture.instance('up');
  await fixture.pipelineFile('two.yaml', TWO.replaceAll('group:', 'grp:'));
  await fixture.clock.advance(6000);
  await waitFor(() => fixture.core.health().some(({ scope }) => scope === 'config/two.yaml'));
  await fixture.pipelineFile('two.yaml', TWO.replaceAll('make', 'other'));
  await fixture.clock.advance(6000);
  await waitFor(() => fixture.core.health().length === 0);
  const work = await fixture.work(agent);
  expect(work).toMatchObject({ type: 'BuildWork', assignment: { builders: [{ command: 'make' }] } });
});
