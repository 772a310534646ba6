import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture, TWO } from './core-fixture.ts';

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

test('what could not be scheduled is told, tried again without anything new, and runs once as soon as it can', async () => {
  await using server = await withServices({ 'two.yaml': TWO });
  const { fixture } = server;
  const agent = await fixture.agent('a1');
  await fixture.instance('up');
  await fixture.runJob(agent);
  await fixture.instance('down');
  await fixture.runJob(agent);
  using database = new DatabaseSync(join(fixture.folder, 'data', 'server.db'), { timeout: 10_000 });
  database.exec(
    "create trigger full before insert on pipeline_instances begin select raise(abort, 'database or disk is full'); end",
  );
  const revision = await fixture.commit('second');
  await server.poll();
  const told = () => fixture.core.health().find(({ scope }) => scope === 'pipeline/up/schedule');
  await waitFor(told);
  expect(told()).toMatchObject({
    level: 'error',
    message: "Could not schedule pipeline 'up'",
    detail: expect.stringContaining('database or disk is full'),
  });
  // It fails more than once; a commit in between is part of the run.
  await server.poll();
  const another = await fixture.commit('third');
  await server.poll();
  expect(told()).toBeDefined();
  expect(await fixture.core.pipelines.trigger('up', { approver: 'ann' })).toMatchObject({ type: 'ok' });
  await waitFor(() =>
    fixture.core
      .health()
      .some(({ scope, detail }) => scope === 'pipeline/up/trigger' && detail.includes('disk is full')),
  );

  database.exec('drop trigger full');
  await waitFor(async () => {
    await fixture.clock.advance(1000);
    return told() === undefined;
  });
  const { buildCause } = await fixture.instance('up', 2);
  expect(buildCause.approver).toBe('changes');
  expect(buildCause.materialRevisions[0]?.modifications.map((found) => found.revision)).toEqual([
    another,
    revision,
  ]);
  await fixture.runJob(agent);
  await server.poll();
  await fixture.instance('down', 2);
  expect((await fixture.core.pipelines.history('up', { size: 10 })).instances).toHaveLength(2);
});

test('a server that is stopped while it waits to schedule again ends at once, and schedules when it is back', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.start();
  using database = new DatabaseSync(join(fixture.folder, 'data', 'server.db'), { timeout: 10_000 });
  database.exec(
    "create trigger full before insert on pipeline_instances begin select raise(abort, 'database or disk is full'); end",
  );
  await fixture.pipelineFile('two.yaml', TWO);
  await fixture.restart();
  await waitFor(() => fixture.core.health().some(({ scope }) => scope === 'pipeline/up/schedule'));
  const restarting = fixture.restart();
  database.exec('drop trigger full');
  await restarting;
  expect(await fixture.instance('up')).toMatchObject({ counter: 1 });
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
  const variables = [{ name: 'X', value: '1', secure: false }];
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
