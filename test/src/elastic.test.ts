import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startElasticSystem } from './elastic/elastic-system.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';

const ELASTIC = { stage: { fetch_materials: false }, job: { elastic_profile_id: 'small' } };

test('a job for an elastic profile on an empty cluster gets an agent of its own, which is gone after it', async () => {
  await using elastic = await startElasticSystem({ small: {} });
  const { system } = elastic;
  await elastic.elasticPipeline('app', [stageOf('build', 'compile', [shellTask('pwd')], ELASTIC)]);
  const counter = await system.trigger('app');
  await system.waitForPass('app', counter, 'build');
  await system.wait(async () => (await elastic.agents()).length === 0, { describe: 'the agent to be gone' });
});

test('an agent that was made before its cluster profile pointed elsewhere is ended where it was made', async () => {
  await using elastic = await startElasticSystem({ small: { jobs_per_agent: 5, idle_timeout: 3600 } });
  const { system } = elastic;
  await elastic.elasticPipeline('app', [stageOf('build', 'compile', [shellTask('pwd')], ELASTIC)]);
  await system.waitForPass('app', await system.trigger('app'), 'build');
  const [agent] = await elastic.agents();
  const sandbox = agent?.sandbox ?? '';
  expect(existsSync(sandbox)).toBe(true);
  const moved = { homes: join(system.folder, 'elsewhere') };
  await elastic.reconfigure({ small: { jobs_per_agent: 5, idle_timeout: 1 } }, moved);
  await system.wait(async () => (await elastic.agents()).length === 0, { describe: 'the agent to be gone' });
  expect(existsSync(sandbox)).toBe(false);
});

test('a plugin that never answers: its job says so, and a static agent works on as if nothing were', async () => {
  await using elastic = await startElasticSystem({ small: {} }, { agents: 1 });
  const { system } = elastic;
  const asleep = { ...ELASTIC, job: { elastic_profile_id: 'sleeper' } };
  await elastic.elasticPipeline('asleep', [stageOf('build', 'compile', [shellTask('true')], asleep)]);
  await elastic.elasticPipeline('awake', [stageOf('build', 'compile', [shellTask('true')])]);
  const counter = await system.trigger('asleep');
  await system.waitForPass('awake', await system.trigger('awake'), 'build');
  const reason = await system.wait(
    async () => {
      const [job] = (await system.stage('asleep', counter, 'build')).jobs as unknown as {
        waiting?: { action: string; reason: string; ask_again_at: number };
      }[];
      return job?.waiting?.action === 'unanswered' ? job.waiting : undefined;
    },
    { timeoutMs: 90_000, describe: 'the job to say why it waits' },
  );
  expect(reason.reason).toContain('no answer to assign-work within 10 s');
  expect(reason.ask_again_at).toBeGreaterThan(0);
});
