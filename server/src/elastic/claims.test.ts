import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from '../core/core-fixture.ts';
import { ScriptedCloud } from './testing/scripted-cloud.ts';

const PROFILES = (large: string) => `
cluster_profiles: {cloud: {plugin_id: scripted}}
elastic_profiles:
  large: {cluster_profile_id: cloud${large}}
  small: {cluster_profile_id: cloud, claims: [gpu]}
`;
const PIPELINE = `
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages:
      - build:
          approval: manual
          jobs: {compile: {resources: [GPU], tasks: [{exec: {command: make}}]}}
`;

async function open(large: string) {
  const resources = new AsyncDisposableStack();
  const fixture = resources.use(await CoreFixture.make());
  await fixture.pipelineFile('app.gocd.yaml', PIPELINE);
  await fixture.pipelineFile('profiles.gocd.yaml', PROFILES(large));
  const cloud = new ScriptedCloud();
  const core = await fixture.start({}, cloud.source);
  const stop = new AbortController();
  const running = runServices(core.services, stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  await fixture.clock.advance(20);
  return { fixture, core, cloud, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('a job that asks for a claimed resource waits for an agent of the profile, and no static agent gets it', async () => {
  await using it = await open('');
  const agent = await it.fixture.agent('static', { autoRegisterResources: ['gpu'] });
  await it.core.pipelines.trigger('app', { approver: 'ann' });
  await waitFor(() => it.cloud.machines.size === 1);
  expect(it.core.elastic.waiting()).toMatchObject([{ wait: { profileId: 'small' } }]);
  expect(await it.fixture.work(agent)).toEqual({ type: 'NoWork' });
});

test('a resource that two profiles claim is a warning that names both, until it is mended', async () => {
  await using it = await open(', claims: [gpu]');
  const warnings = () => it.core.health().filter(({ scope }) => scope.startsWith('elastic-claim/'));
  expect(warnings()).toMatchObject([
    {
      level: 'warning',
      message: 'Two elastic agent profiles claim the same resource',
      detail: expect.stringMatching(
        /^Resource 'gpu' is claimed by profile 'large' and by 'small'; 'large' has it\./,
      ),
    },
  ]);
  await it.fixture.pipelineFile('profiles.gocd.yaml', PROFILES(''));
  await it.fixture.clock.advance(60_000);
  await waitFor(() => warnings().length === 0);
});
