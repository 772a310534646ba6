import { expect, test } from 'vitest';
import { consoleLines } from './harness/console-lines.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';

const SECRET = 'open-sesame-4711';

async function sealed(system: TestSystem, value: string): Promise<string> {
  const answer = await system.api.send<{ encrypted_value: string }>('POST', '/api/admin/encrypt', { value });
  expect(answer.encrypted_value).not.toContain(value);
  return answer.encrypted_value;
}

test('a pipeline goes from commit to artifact, and its second stage waits for approval', async () => {
  await using system = await startSystem();
  const revision = system.repository.commit({ 'src/answer.txt': '42\n' }, 'the answer');
  await system.definePipeline('chain', [
    stageOf(
      'compile',
      'build',
      [
        shellTask('echo "$GREETING, the password is $PASSWORD" && cat src/answer.txt'),
        shellTask('echo this only when something failed', { run_if: 'failed' }),
        shellTask('mkdir out && git rev-parse HEAD > out/revision.txt', { run_if: 'any' }),
      ],
      {
        job: {
          environment_variables: { GREETING: 'hello' },
          secure_variables: { PASSWORD: await sealed(system, SECRET) },
          artifacts: [{ build: { source: 'out/*.txt', destination: 'results' } }],
        },
      },
    ),
    stageOf('deploy', 'ship', [shellTask('echo shipped by $GO_STAGE_NAME')], {
      stage: { approval: 'manual' },
    }),
  ]);
  // Committed after the server has read the pipeline: the trigger has to look again.
  const newest = system.repository.commit({ 'src/answer.txt': '43\n' }, 'a better answer');
  expect(newest).not.toBe(revision);

  const counter = await system.trigger('chain');
  const compile = await system.waitForPass('chain', counter, 'compile');
  expect(compile.jobs[0]?.job_state_transitions.map(({ state }) => state)).toEqual([
    'Scheduled',
    'Assigned',
    'Preparing',
    'Building',
    'Completing',
    'Completed',
  ]);
  expect(compile.jobs[0]?.agent_uuid).toBe(system.agent.guid());

  const job = { pipeline: 'chain', counter, stage: 'compile', job: 'build' };
  const console_ = await system.console(job);
  const lines = consoleLines(console_);
  expect(lines.map(({ tag }) => tag).join(' ')).toMatch(
    /^## ## pr( p[re])* ## !! &1 &1 \?0 !! \?0 j0 ar( ar)+ ex$/,
  );
  expect(lines.filter(({ tag }) => tag === '&1').map(({ text }) => text)).toEqual([
    'hello, the password is ******',
    '43',
  ]);
  expect(console_).not.toContain(SECRET);
  expect(console_).toContain(`[GIT] Updating working copy to revision ${newest}`);
  expect(await system.api.getText(system.file(job, 'results/revision.txt'))).toBe(`${newest}\n`);

  await system.wait(
    async () => {
      const { pipelines } = await system.api.get<{
        pipelines: { stages: { name: string; can_run: boolean }[] }[];
      }>('/api/pipelines/chain/history');
      return pipelines[0]?.stages.find(({ name }) => name === 'deploy')?.can_run;
    },
    { describe: 'the second stage to wait for approval' },
  );
  expect((await system.api.ask(`/api/stages/chain/${counter}/deploy/1`)).status).toBe(404);
  await system.api.send('POST', `/api/stages/chain/${counter}/deploy/run`);
  await system.waitForPass('chain', counter, 'deploy');
  expect(await system.console({ pipeline: 'chain', counter, stage: 'deploy', job: 'ship' })).toContain(
    'shipped by deploy',
  );
  await system.waitForIdle();
  const perJob = ['preparing', 'building', 'idle'];
  // What the server answers may be here before what it has told.
  await system.wait(() => system.events.agentStates(system.agent.guid()).length > 2 * perJob.length, {
    describe: 'the events of it',
  });
  expect(system.events.agentStates(system.agent.guid())).toEqual(['idle', ...perJob, ...perJob]);
});

test('what ran is told in the shapes of GoCD: history, instance, status, cctray, version, health', async () => {
  await using system = await startSystem();
  await system.definePipeline('shapes', [stageOf('only', 'one', [shellTask('true')])]);
  const counter = await system.trigger('shapes', { environment_variables: [] });
  await system.waitForPass('shapes', counter, 'only');

  const revision = { modifications: [{ user_name: 'Test <test@example.com>', comment: 'first' }] };
  const instance = {
    name: 'shapes',
    counter: 1,
    label: '1',
    build_cause: { approver: 'admin', trigger_forced: true, material_revisions: [revision] },
    stages: [{ name: 'only', counter: '1', result: 'Passed', jobs: [{ name: 'one', state: 'Completed' }] }],
  };
  expect(await system.api.get('/api/pipelines/shapes/history')).toMatchObject({ pipelines: [instance] });
  expect(await system.api.get('/api/pipelines/shapes/1')).toMatchObject(instance);
  expect(await system.api.get('/api/pipelines/shapes/status')).toEqual({
    paused: false,
    paused_cause: null,
    paused_by: null,
    locked: false,
    schedulable: true,
  });
  const cctray = await system.api.getText('/cctray.xml');
  expect(cctray).toMatch(
    /<Project name="shapes :: only" activity="Sleeping" lastBuildStatus="Success" lastBuildLabel="1"/,
  );
  expect(cctray).toContain('<Project name="shapes :: only :: one"');
  expect(await system.api.get('/api/version')).toMatchObject({ version: '26.2.0' });
  const health = await system.api.ask('/api/v1/health', { withToken: false });
  expect(JSON.parse(health.text)).toEqual({ health: 'OK' });
});

test('a commit starts its pipeline without a hand, at the revision that was committed', async () => {
  await using system = await startSystem({ serverArgs: ['--material-poll', '1'] });
  await system.definePipeline('polled', [], {
    materials: { code: { git: system.repository.url, branch: 'main' } },
    stages: [stageOf('only', 'one', [shellTask('git rev-parse HEAD')])],
  });
  await system.waitForPass('polled', 1, 'only');
  const revision = system.repository.commit({ 'new.txt': 'new\n' }, 'something new');
  await system.waitForPass('polled', 2, 'only');
  const console_ = await system.console({ pipeline: 'polled', counter: 2, stage: 'only', job: 'one' });
  expect(consoleLines(console_)).toContainEqual({ tag: '&1', text: revision });
});
