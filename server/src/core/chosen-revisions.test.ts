import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { TriggerOptions } from '../core.ts';
import { gitFingerprint } from '../domain/material-fingerprint.ts';
import { CoreFixture, TWO } from './core-fixture.ts';

/** Three commits, each of which has run. */
async function withThreeRuns() {
  const fixture = await CoreFixture.make();
  await fixture.pipelineFile('two.yaml', TWO.split('  down:')[0] ?? '');
  await fixture.start();
  const { pipelines } = fixture.core;
  const agent = await fixture.agent('a1');
  const run = async (counter: number, options: Partial<TriggerOptions> = {}) => {
    const outcome = await pipelines.trigger('up', { approver: 'ann', ...options });
    expect(outcome).toMatchObject({ type: 'ok' });
    const { buildCause } = await fixture.instance('up', counter);
    await fixture.runJob(agent);
    return buildCause.materialRevisions[0]?.modifications.map(({ revision }) => revision);
  };
  await fixture.instance('up');
  await fixture.runJob(agent);
  const second = await fixture.commit('second');
  expect(await run(2)).toEqual([second]);
  const third = await fixture.commit('third');
  expect(await run(3)).toEqual([third]);
  const fingerprint = gitFingerprint(fixture.repository, 'main');
  const at = (revision: string) => ({ materials: [{ fingerprint, revision }] });
  return { fixture, run, at, second, third, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
}

test('a trigger runs the revision that it names, also by its first digits, and the next one the newest again', async () => {
  await using it = await withThreeRuns();
  expect(await it.run(4, it.at(it.second.slice(0, 10)))).toEqual([it.second]);
  const fourth = await it.fixture.commit('fourth');
  expect(await it.run(5, { ...it.at(it.third), updateMaterials: false })).toEqual([it.third]);
  expect(await it.run(6)).toEqual([fourth]);
});

test('what ran before an older revision was triggered does not start by itself again', async () => {
  await using it = await withThreeRuns();
  const { fixture } = it;
  await it.run(4, it.at(it.second));
  const stop = new AbortController();
  const running = runServices(fixture.core.services, stop.signal);
  // Whoever edits a file has all pipelines looked at.
  await fixture.pipelineFile('two.yaml', (TWO.split('  down:')[0] ?? '').replaceAll('make', 'other'));
  await fixture.clock.advance(6000);
  const fourth = await fixture.commit('fourth');
  await waitFor(async () => {
    await fixture.clock.advance(60_000);
    return fixture.core.pipelines.instance('up', 5);
  });
  stop.abort();
  await running;
  const { buildCause } = await fixture.instance('up', 5);
  expect(buildCause.materialRevisions[0]?.modifications.map(({ revision }) => revision)).toEqual([
    fourth,
    it.third,
  ]);
});

test('revisions of other materials, empty and unknown ones are refused, each with its reason', async () => {
  await using it = await withThreeRuns();
  const { fixture } = it;
  const refused = (options: Partial<TriggerOptions>) =>
    fixture.core.pipelines.trigger('up', { approver: 'ann', ...options });
  const message = (text: string) => `Request to schedule pipeline rejected { ${text} }`;
  expect(await refused({ materials: [{ fingerprint: 'f', revision: 'r' }] })).toEqual({
    type: 'invalid',
    message: message("Pipeline 'up' does not contain the following material(s): [f]."),
  });
  expect(await refused(it.at(' '))).toMatchObject({
    type: 'invalid',
    message: expect.stringContaining('has empty revision'),
  });
  expect(await refused(it.at('beef'))).toMatchObject({ type: 'ok' });
  const told = await waitFor(() =>
    fixture.core.health().find(({ scope }) => scope === 'pipeline/up/trigger'),
  );
  expect(told.detail).toContain('Revision beef of URL: ');
});
