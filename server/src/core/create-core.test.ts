import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { asBuildWork, CoreFixture, TWO } from './core-fixture.ts';

const BUILD = `
format_version: 10
pipelines:
  app:
    group: g
    label_template: "1.\${COUNT}-\${code[:7]}"
    environment_variables: {LEVEL: pipeline}
    materials:
      code: {git: REPOSITORY, branch: main}
    stages:
      - build:
          approval: manual
          jobs:
            compile:
              resources: [linux]
              environment_variables: {LEVEL: job}
              tasks:
                - exec: {command: make, arguments: [all]}
      - test:
          jobs:
            unit: {tasks: [{exec: {command: make}}]}
            slow: {tasks: [{exec: {command: make}}]}
`;

async function withBuild(): Promise<CoreFixture> {
  const fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', BUILD);
  await fixture.start();
  return fixture;
}

test('a trigger polls the repository, and a held request gets the job with its revision and variables', async () => {
  await using fixture = await withBuild();
  const agent = await fixture.agent('a1', { autoRegisterResources: ['Linux'] });
  const revision = await fixture.commit('second');
  const held = fixture.work(agent, { waitMs: 30_000, signal: new AbortController().signal });

  expect(await fixture.core.pipelines.trigger('APP', { approver: 'ann' })).toMatchObject({ type: 'ok' });

  const { assignment } = asBuildWork(await held);
  expect(assignment.jobIdentifier).toMatchObject({
    pipelineName: 'app',
    pipelineCounter: 1,
    pipelineLabel: `1.1-${revision.slice(0, 7)}`,
    stageCounter: '1',
    buildName: 'compile',
  });
  expect(assignment.materialRevisions.revisions[0]?.modifications[0]?.revision).toBe(revision);
  const variables = Object.fromEntries(
    assignment.initialContext.properties.map(({ name, value }) => [name, value]),
  );
  expect(variables).toMatchObject({
    GO_TRIGGER_USER: 'ann',
    GO_REVISION_CODE: revision,
    LEVEL: 'job',
    GO_AGENT_RESOURCES: 'Linux',
  });
});

test('the next stage starts when a stage has passed, and its jobs run beside each other', async () => {
  await using fixture = await withBuild();
  const [one, two] = [
    await fixture.agent('a1', { autoRegisterResources: ['linux'] }),
    await fixture.agent('a2'),
  ];
  const held = fixture.work(one, { waitMs: 30_000, signal: new AbortController().signal });
  await fixture.core.pipelines.trigger('app', { approver: 'ann' });
  const { jobIdentifier } = asBuildWork(await held).assignment;
  await fixture.core.work.reportCompleted(one.info, jobIdentifier, 'Passed');

  const [first, second] = [await fixture.runJob(one), await fixture.runJob(two)];

  expect([first.buildName, second.buildName].sort()).toEqual(['slow', 'unit']);
  const instance = await fixture.core.pipelines.instance('app', 1);
  expect(instance?.stages.map(({ name, state }) => [name, state])).toEqual([
    ['build', 'passed'],
    ['test', 'passed'],
  ]);
  expect(fixture.sealed).toHaveLength(3);
});

test('passwords of git that a killed server left behind are removed at the start, the repositories stay', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', BUILD);
  const materials = join(fixture.folder, 'data', 'materials');
  await mkdir(join(materials, 'f1.git'), { recursive: true });
  for (const name of ['f1.credentials', 'f1.credentials.lock', 'f2.credentials'])
    await writeFile(join(materials, name), 'https://bob:secret@git.example.com\n', { mode: 0o600 });
  await fixture.start();
  expect((await readdir(materials)).filter((name) => name.includes('credentials'))).toEqual([]);
  expect(await readdir(materials)).toContain('f1.git');
});

test('the file that owns a pipeline owns it after a restart too, though another one with its name comes first', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('b.yaml', TWO);
  await fixture.start();
  await fixture.pipelineFile('a.yaml', TWO);
  const refused = () => fixture.core.health().map(({ scope }) => scope);
  await fixture.restart();
  expect(refused()).toEqual(['config/a.yaml']);
  await fixture.restart();
  expect(refused()).toEqual(['config/a.yaml']);
});
