import { execFileSync } from 'node:child_process';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture, TWO } from './core-fixture.ts';
import { makeSilent } from './silent-repository.ts';

/** The time that git has for one answer. */
const GIT_DEADLINE_MS = 300_000;
/** As many as are polled at a time. */
const LOST = [1, 2, 3, 4];

/** How many repositories are being asked and do not answer. */
function asked({ clock }: CoreFixture): number {
  return clock.sleeping().filter((ms) => ms === GIT_DEADLINE_MS).length;
}

/** All places for polls are taken by repositories that do not answer, and one that does waits behind them. */
async function withSilentRepositories() {
  const fixture = await CoreFixture.make();
  const answers: (() => Promise<void>)[] = [];
  const lost = LOST.map((number) => {
    const code = `{code: {git: REPOSITORY-${number}, branch: main}}`;
    const stages = '[{build: {approval: manual, tasks: [{exec: {command: make}}]}}]';
    return `  lost${number}: {group: g, materials: ${code}, stages: ${stages}}`;
  });
  for (const number of LOST) {
    const repository = `${fixture.repository}-${number}`;
    execFileSync('cp', ['-r', fixture.repository, repository]);
    answers.push(await makeSilent(repository));
  }
  await fixture.pipelineFile('lost.yaml', ['pipelines:', ...lost].join('\n'));
  await fixture.pipelineFile('two.yaml', TWO);
  await fixture.start();
  await waitFor(() => asked(fixture) === LOST.length);
  return { fixture, answers, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

test('a trigger does not wait for a place behind repositories that do not answer', async () => {
  await using server = await withSilentRepositories();
  const { pipelines } = server.fixture.core;
  expect(await pipelines.trigger('up', { approver: 'ann' })).toMatchObject({ type: 'ok' });
  expect(await server.fixture.instance('up')).toMatchObject({ buildCause: { approver: 'ann' } });
  expect(asked(server.fixture)).toBe(LOST.length);
});

test('repositories that did not answer are asked one at a time until they do, and the others are polled meanwhile', async () => {
  await using server = await withSilentRepositories();
  const { fixture, answers } = server;
  const silent = () => fixture.core.health().filter(({ detail }) => detail.includes('did not answer'));
  await fixture.clock.advance(GIT_DEADLINE_MS);
  await fixture.instance('up');
  expect(await waitFor(() => (silent().length === LOST.length ? silent() : undefined))).toHaveLength(4);
  const agent = await fixture.agent('a1');
  await fixture.runJob(agent);
  await fixture.instance('down');
  await fixture.runJob(agent);

  const stop = new AbortController();
  const running = runServices(fixture.core.services, stop.signal);
  try {
    // In the first turn they are left alone, as they have failed just now; in the second they are asked again.
    await fixture.clock.advance(0);
    await waitFor(() => fixture.clock.sleeping().includes(60_000));
    await fixture.commit('second');
    await fixture.clock.advance(60_000);
    expect(await fixture.instance('up', 2)).toMatchObject({ buildCause: { approver: 'changes' } });
    await waitFor(() => asked(fixture) === 1);
    // Each answer gives the place to the next.
    for (const answer of answers) await answer();
    await waitFor(() => silent().length === 0);
  } finally {
    stop.abort();
    await running;
  }
});
