import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TriggerOptions } from '../core.ts';
import { asBuildWork, CoreFixture, type TestAgent } from './core-fixture.ts';

const APP = `
pipelines:
  app:
    group: g
    environment_variables: {TARGET: nowhere}
    materials: {code: {git: REPOSITORY, branch: main}}
    stages:
      - build: {approval: manual, tasks: [{exec: {command: make}}]}
`;

async function withApp(): Promise<CoreFixture & { readonly builder: TestAgent }> {
  const fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', APP);
  await fixture.start();
  return Object.assign(fixture, { builder: await fixture.agent('a1') });
}

/** What the job of a run so triggered is told of TARGET, in order. */
async function targetsOf(
  fixture: CoreFixture & { readonly builder: TestAgent },
  variables: TriggerOptions['variables'] & {},
) {
  const held = fixture.work(fixture.builder, { waitMs: 30_000, signal: new AbortController().signal });
  expect(await fixture.core.pipelines.trigger('app', { approver: 'ann', variables })).toMatchObject({
    type: 'ok',
  });
  const { properties } = asBuildWork(await held).assignment.initialContext;
  return properties
    .filter(({ name }) => name === 'TARGET')
    .map(({ value, secure }) => [value, secure ? 'secure' : 'plain']);
}

test('a value that a trigger sends as secure is masked and sealed at rest, though the pipeline’s own is plain', async () => {
  await using fixture = await withApp();

  const targets = await targetsOf(fixture, [
    { name: 'TARGET', value: 's3cr3t-of-the-trigger', secure: true },
  ]);

  expect(targets).toEqual([
    ['nowhere', 'plain'],
    ['s3cr3t-of-the-trigger', 'secure'],
  ]);
  const data = join(fixture.folder, 'data');
  const files = (await readdir(data, { withFileTypes: true })).filter((entry) => entry.isFile());
  const texts = await Promise.all(files.map(({ name }) => readFile(join(data, name), 'latin1')));
  expect(texts.join('')).not.toContain('s3cr3t-of-the-trigger');
});

test('a trigger may bring a value that this server has encrypted', async () => {
  await using fixture = await withApp();
  const sealed = fixture.core.encrypt('s3cr3t');
  expect((await targetsOf(fixture, [{ name: 'TARGET', sealed }])).at(-1)).toEqual(['s3cr3t', 'secure']);
});

test('a value that another server has encrypted is refused at once, by the name of its variable', async () => {
  await using fixture = await withApp();
  const variables = [{ name: 'TARGET', sealed: 'AES:bm9uY2U=:c2VhbGVk' }];
  expect(await fixture.core.pipelines.trigger('app', { approver: 'ann', variables })).toEqual({
    type: 'invalid',
    message: expect.stringMatching(
      /^Request to schedule pipeline rejected \{ .*'TARGET'.*a GoCD server encrypted it with its own key/,
    ),
  });
});
