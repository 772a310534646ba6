import { expect, test } from 'vitest';
import { asBuildWork, CoreFixture } from './core-fixture.ts';

const APP = `
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main}}
    stages:
      - build: {approval: manual, tasks: [{exec: {command: make}}]}
      - release: {approval: manual, tasks: [{exec: {command: make}}]}
      - announce:
          approval: manual
          jobs: {mail: {run_instances: 2, tasks: [{exec: {command: make}}]}}
`;

test('a stage that last ran many instances ago, one that runs, and one that never ran are all told', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', APP);
  const { pipelines, work } = await fixture.start();
  const agent = await fixture.agent('a1');
  const runNext = async (start: () => Promise<unknown>, result: 'Passed' | 'Failed') => {
    const held = fixture.work(agent, { waitMs: 30_000, signal: new AbortController().signal });
    await start();
    const { jobIdentifier } = asBuildWork(await held).assignment;
    await work.reportCompleted(agent.info, jobIdentifier, result);
  };
  const trigger = () => pipelines.trigger('app', { approver: 'ann' });
  await runNext(trigger, 'Passed');
  await runNext(() => pipelines.runStage('app', 1, 'release', 'ann'), 'Failed');
  for (let count = 2; count <= 12; count += 1) await runNext(trigger, 'Failed');
  await trigger();
  await fixture.instance('app', 13);

  const statuses = await pipelines.stageStatuses();

  expect(statuses).toMatchObject([
    {
      stage: 'build',
      jobs: ['build'],
      newest: { counter: 13, stage: { state: 'building', jobs: [{ job: 'build' }] } },
      last: { counter: 12, stage: { state: 'failed' } },
    },
    {
      stage: 'release',
      newest: { counter: 1 },
      last: { counter: 1, label: '1', stage: { state: 'failed' } },
    },
    { stage: 'announce', jobs: ['mail-runInstance-1', 'mail-runInstance-2'] },
  ]);
  expect(statuses[2]?.newest).toBeUndefined();
});
