import { expect, test } from 'vitest';
import type { StageStatusView, StageView } from '../domain/views.ts';
import { JOB, STAGE, scriptedCore } from '../testing/scripted-core.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';

const FAILED: StageView = {
  ...STAGE,
  state: 'failed',
  completedAt: 61_000,
  jobs: [{ ...JOB, state: 'completed', result: 'failed' }],
};

function serverWith(...statuses: StageStatusView[]): Promise<TestServer> {
  return testServer(scriptedCore({ pipelines: { stageStatuses: async () => statuses } }));
}

function run(stage: StageView) {
  return { counter: 7, label: '1.0.7', stage };
}

test('cctray has a project for each stage and job, escaped', async () => {
  const odd = { pipeline: 'a&b', stage: 'test', jobs: ['unit'], newest: run(FAILED), last: run(FAILED) };
  await using server = await serverWith(odd);
  const { body } = await server.ask('/cctray.xml');
  expect(body).toContain(
    `<Project name="a&amp;b :: test" activity="Sleeping" lastBuildStatus="Failure" lastBuildLabel="1.0.7" lastBuildTime="1970-01-01T00:01:01Z" webUrl="${server.server.url}/pipelines/a%26b/7/test/1"/>`,
  );
  expect(body).toContain('name="a&amp;b :: test :: unit"');
});

test('a stage that runs is building, with the status of its last run that has ended; a new job has none yet', async () => {
  const building = { ...STAGE, counter: 2 };
  const stage = {
    pipeline: 'app',
    stage: 'test',
    jobs: ['unit', 'new'],
    newest: run(building),
    last: run(FAILED),
  };
  await using server = await serverWith(stage);
  const { body } = await server.ask('/cctray.xml');
  expect(body).toMatch(
    /name="app :: test" activity="Building" lastBuildStatus="Failure" lastBuildLabel="1.0.7"/,
  );
  expect(body).toMatch(/name="app :: test :: unit" activity="Building" lastBuildStatus="Failure"/);
  expect(body).toMatch(
    /name="app :: test :: new" activity="Sleeping" lastBuildStatus="Success" lastBuildLabel="1"/,
  );
});

test('a stage that has never run sleeps, successful, with label 1, since the server started', async () => {
  const stage = { pipeline: 'app', stage: 'release', jobs: ['ship'], newest: undefined, last: undefined };
  await using server = await serverWith(stage);
  const { body } = await server.ask('/cctray.xml');
  const rest = `activity="Sleeping" lastBuildStatus="Success" lastBuildLabel="1" lastBuildTime="20`;
  expect(body).toContain(`<Project name="app :: release" ${rest}`);
  expect(body).toContain(`<Project name="app :: release :: ship" ${rest}`);
});

test('who has the newest cctray already is told so, and HEAD tells how it is without it', async () => {
  await using server = await testServer();
  const { headers } = await server.ask('/cctray.xml');
  const etag = String(headers['etag']);
  expect(etag).toMatch(/^".+"$/);
  for (const known of [etag, `"other", W/${etag}`, etag.replace(/"$/, '--gzip"')]) {
    const again = await server.ask('/cctray.xml', { headers: { 'If-None-Match': known } });
    expect(again).toMatchObject({ status: 304, body: '' });
  }
  expect(await server.ask('/cctray.xml', { headers: { 'If-None-Match': '"other"' } })).toMatchObject({
    status: 200,
  });
  const head = await server.ask('/cctray.xml', { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['etag']).toBe(etag);
});
