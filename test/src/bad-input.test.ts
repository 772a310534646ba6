import { expect, test } from 'vitest';
import type { HealthShape } from './harness/api-shapes.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';

/** The first health message whose text matches, once there is one. */
function healthMessage(system: TestSystem, text: RegExp): Promise<HealthShape> {
  return system.wait(
    async () => {
      const all = await system.api.get<readonly HealthShape[]>('/api/server_health_messages');
      const found = all.find(({ message, detail }) => text.test(`${message} ${detail}`));
      if (found === undefined) throw new Error(`There are: ${JSON.stringify(all)}`);
      return found;
    },
    { describe: `a health message like ${text}` },
  );
}

/** Proves that nothing else has stopped. */
async function expectGoodPipelineToPass(system: TestSystem): Promise<void> {
  const counter = await system.trigger('good');
  await system.waitForPass('good', counter, 'only');
}

test('bad input is told where it belongs, and a good pipeline runs through all of it', async () => {
  await using system = await startSystem();
  await system.definePipeline('good', [stageOf('only', 'one', [shellTask('true')])]);

  // A pipeline file with a key that there is not.
  await system.writePipelineFile(
    'misspelt.gocd.yaml',
    `format_version: 10
pipelines:
  misspelt:
    group: scenario
    materials: { code: { git: "${system.repository.url}" } }
    stages:
      - only: { jobs: { one: { tassks: [ { exec: { command: "true" } } ] } } }
`,
  );
  const misspelt = await healthMessage(system, /tassks/);
  expect(misspelt.level).toBe('ERROR');
  expect(`${misspelt.message} ${misspelt.detail}`).toMatch(/misspelt\.gocd\.yaml:7/);
  expect(`${misspelt.message} ${misspelt.detail}`).toContain('Did you mean "tasks"?');
  expect((await system.api.ask('/api/pipelines/misspelt/status')).status).toBe(404);
  await expectGoodPipelineToPass(system);

  // A repository that does not exist.
  const gone = `file://${system.folder}/no-such-repository`;
  await system.definePipeline('homeless', [stageOf('only', 'one', [shellTask('true')])], {
    materials: { code: { git: gone, branch: 'main', auto_update: false } },
  });
  await system.api.send('POST', '/api/pipelines/homeless/schedule');
  const homeless = await healthMessage(system, /no-such-repository/);
  expect(homeless.level).toBe('ERROR');
  expect(await system.api.get('/api/pipelines/homeless/history')).toMatchObject({ pipelines: [] });
  await expectGoodPipelineToPass(system);

  // A command that does not exist.
  await system.definePipeline('nonsense', [
    stageOf('only', 'one', [{ exec: { command: 'no-such-command-anywhere' } }]),
  ]);
  const counter = await system.trigger('nonsense');
  expect((await system.waitForStage('nonsense', counter, 'only')).result).toBe('Failed');
  expect(await system.console({ pipeline: 'nonsense', counter, stage: 'only', job: 'one' })).toMatch(
    /no-such-command-anywhere.*(not found|No such file|not exist|PATH)/i,
  );
  await expectGoodPipelineToPass(system);

  // The misspelt file mended: its message ends, its pipeline is there.
  await system.definePipeline('misspelt', [stageOf('only', 'one', [shellTask('true')])]);
  await system.wait(
    async () => !(await system.api.ask('/api/server_health_messages')).text.includes('tassks'),
    { describe: 'the message to end' },
  );
});

test('a request that is no JSON, or comes without the token, is refused and changes nothing', async () => {
  await using system = await startSystem();
  await system.definePipeline('good', [stageOf('only', 'one', [shellTask('true')])]);
  const schedule = '/api/pipelines/good/schedule';

  const noJson = await system.api.ask(schedule, { method: 'POST', raw: '{"environment_variables": [' });
  expect(noJson.status).toBe(400);
  expect(noJson.text).toMatch(/not valid JSON/);

  const wrongShape = await system.api.ask(schedule, {
    method: 'POST',
    json: { environment_variables: 'none' },
  });
  expect([400, 422]).toContain(wrongShape.status);
  expect(wrongShape.text).toContain('environment_variables');

  const noToken = await system.api.ask(schedule, { method: 'POST', withToken: false });
  expect(noToken.status).toBe(401);
  expect(JSON.parse(noToken.text)).toMatchObject({
    message: expect.stringContaining('Authorization: Bearer'),
  });

  const unknown = await system.api.ask('/api/pipelines/nothing/schedule', { method: 'POST' });
  expect(unknown.status).toBe(404);
  expect(unknown.text).toContain("Pipeline with name 'nothing' was not found!");

  expect(await system.api.get('/api/pipelines/good/history')).toMatchObject({ pipelines: [] });
  await expectGoodPipelineToPass(system);
});
