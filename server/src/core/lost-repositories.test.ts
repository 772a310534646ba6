import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture, TWO } from './core-fixture.ts';
import { makeSilent } from './silent-repository.ts';

/** The time that git has for one answer. */
const GIT_DEADLINE_MS = 300_000;

/** Two repositories are polled: one has something new, the other does not answer, and is being asked. */
async function withSilentRepository() {
  const silent = TWO.replaceAll('REPOSITORY', 'REPOSITORY-silent')
    .replace('up:', 'lost:')
    .split('  down:')[0];
  const fixture = await CoreFixture.make();
  execFileSync('cp', ['-r', fixture.repository, `${fixture.repository}-silent`]);
  await fixture.pipelineFile('silent.yaml', silent ?? '');
  await fixture.pipelineFile('two.yaml', TWO);
  await fixture.start();
  await fixture.instance('lost');
  await fixture.instance('up');
  const agent = await fixture.agent('a1');
  for (let jobs = 2; jobs > 0; jobs -= 1) await fixture.runJob(agent);
  const answer = await makeSilent(`${fixture.repository}-silent`);
  await fixture.commit('second');
  const stop = new AbortController();
  const running = runServices(fixture.core.services, stop.signal);
  await fixture.clock.advance(0);
  await fixture.instance('up', 2);
  await waitFor(() => fixture.clock.sleeping().includes(GIT_DEADLINE_MS));
  const end = async () => {
    stop.abort();
    await running;
  };
  return {
    fixture,
    agent,
    answer,
    end,
    async [Symbol.asyncDispose](): Promise<void> {
      await end();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

test('a repository that does not answer does not keep the others from their next poll', async () => {
  await using server = await withSilentRepository();
  const { fixture, agent } = server;
  // The downstream pipeline of the first run, and the second run.
  for (let jobs = 2; jobs > 0; jobs -= 1) await fixture.runJob(agent);
  await fixture.commit('third');
  await fixture.clock.advance(70_000);
  expect(await fixture.instance('up', 3)).toMatchObject({ buildCause: { approver: 'changes' } });
});

test('a server that asks a repository which does not answer stops all the same', async () => {
  await using server = await withSilentRepository();
  await server.end();
});

test('a trigger that fails for the same reason as the one before says so again', async () => {
  const lost = TWO.replaceAll('REPOSITORY', 'REPOSITORY-elsewhere');
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('two.yaml', lost);
  await fixture.start();
  const told = () => fixture.core.health().find(({ scope }) => scope === 'pipeline/up/trigger')?.at;
  const trigger = async () => (await fixture.core.pipelines.trigger('up', { approver: 'ann' })).type === 'ok';
  expect(await trigger()).toBe(true);
  const first = await waitFor(told);
  await fixture.clock.advance(1000);
  await waitFor(trigger);
  expect(await waitFor(told)).toBe(first + 1000);
});

test('what is told of a pipeline ends when its file is removed', async () => {
  const lost = TWO.replaceAll('REPOSITORY', 'REPOSITORY-elsewhere')
    .replace('up:', 'lost:')
    .split('  down:')[0];
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('lost.yaml', lost ?? '');
  await fixture.start();
  const scopes = () => fixture.core.health().map(({ scope }) => scope.split('/')[0]);
  await fixture.core.pipelines.trigger('lost', { approver: 'ann' });
  await waitFor(() => scopes().includes('pipeline'));
  const stop = new AbortController();
  const running = runServices(fixture.core.services, stop.signal);
  await rm(join(fixture.folder, 'pipelines', 'lost.yaml'));
  await waitFor(async () => {
    await fixture.clock.advance(50);
    return fixture.core.pipelines.names().length === 0;
  });
  stop.abort();
  await running;
  expect(scopes()).toEqual([]);
});

test('a repository that fails after its last pipeline was removed is not told of', async () => {
  await using server = await withSilentRepository();
  const { fixture } = server;
  const scopes = () =>
    fixture.core.health().flatMap(({ scope }) => (/^(pipeline|material)\//.test(scope) ? [scope] : []));
  await fixture.core.pipelines.trigger('lost', { approver: 'ann' });
  await rm(join(fixture.folder, 'pipelines', 'silent.yaml'));
  await waitFor(async () => {
    await fixture.clock.advance(50);
    return fixture.core.pipelines.names().every(({ name }) => name !== 'lost');
  });
  // The poll that is under way, and then that of the trigger.
  await waitFor(async () => {
    await fixture.clock.advance(GIT_DEADLINE_MS);
    return scopes().length > 0;
  });
  expect(scopes()).toEqual(['pipeline/lost/trigger']);
});

test('a trigger whose pipeline is removed while its repository is asked says so, for an hour', async () => {
  await using server = await withSilentRepository();
  const { fixture, answer } = server;
  const told = () => fixture.core.health().find(({ scope }) => scope === 'pipeline/lost/trigger');
  expect(await fixture.core.pipelines.trigger('lost', { approver: 'ann' })).toMatchObject({ type: 'ok' });
  await rm(join(fixture.folder, 'pipelines', 'silent.yaml'));
  await waitFor(async () => {
    await fixture.clock.advance(50);
    return fixture.core.pipelines.names().every(({ name }) => name !== 'lost');
  });
  expect(told()).toBeUndefined();
  await answer();
  expect(await waitFor(told)).toMatchObject({
    level: 'error',
    message: "Could not trigger pipeline 'lost'",
    detail: expect.stringContaining('Pipeline lost was removed'),
  });
  await fixture.pipelineFile('other.yaml', TWO.replaceAll(/\b(up|down)\b/g, '$1-other'));
  await waitFor(async () => {
    await fixture.clock.advance(50);
    return fixture.core.pipelines.names().some(({ name }) => name === 'up-other');
  });
  expect(told()).toBeDefined();
  await fixture.clock.advance(3_601_000);
  expect(told()).toBeUndefined();
});
