import { expect, test } from 'vitest';
import { INSTANCE, JOB, STAGE, scriptedCore } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';

test('cctray has a project for each stage and job, escaped', async () => {
  const odd = {
    ...INSTANCE,
    name: 'a&b',
    stages: [
      {
        ...STAGE,
        state: 'failed' as const,
        completedAt: 61_000,
        jobs: [{ ...JOB, state: 'completed' as const, result: 'failed' as const }],
      },
    ],
  };
  const core = scriptedCore({
    pipelines: { history: async () => ({ instances: [odd], hasNewer: false, hasOlder: false }) },
  });
  await using server = await testServer(core);
  const { body } = await server.ask('/cctray.xml');
  expect(body).toContain(
    `<Project name="a&amp;b :: test" activity="Sleeping" lastBuildStatus="Failure" lastBuildLabel="1.0.7" lastBuildTime="1970-01-01T00:01:01Z" webUrl="${server.server.url}/pipelines/a%26b/7/test/1"/>`,
  );
  expect(body).toContain('name="a&amp;b :: test :: unit"');
});
