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

test('more jobs than agents may be: never more agents than allowed, each job once, agents used again', async () => {
  await using elastic = await startElasticSystem({ small: { max_agents: 2, jobs_per_agent: 3 } });
  const { system } = elastic;
  const job = { ...ELASTIC.job, run_instances: 6 };
  const stage = stageOf('build', 'compile', [shellTask('true')], { ...ELASTIC, job });
  await elastic.elasticPipeline('many', [stage]);
  const counter = await system.trigger('many');
  let most = 0;
  await system.wait(
    async () => {
      most = Math.max(most, (await elastic.agents()).length);
      return (await system.stage('many', counter, 'build')).result !== 'Unknown';
    },
    { timeoutMs: 120_000, describe: 'all jobs to be over' },
  );
  const { jobs, result } = await system.stage('many', counter, 'build');
  expect(result).toBe('Passed');
  expect(most).toBeLessThanOrEqual(2);
  const users = Map.groupBy(jobs, (one) => (one as unknown as { agent_uuid: string }).agent_uuid);
  expect(users.size).toBeLessThan(jobs.length);
  expect(Math.max(...[...users.values()].map((own) => own.length))).toBeLessThanOrEqual(3);
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
    { timeoutMs: 40_000, describe: 'the job to say why it waits' },
  );
  expect(reason.reason).toContain('no answer to assign-work within 10 s');
  expect(reason.ask_again_at).toBeGreaterThan(0);
});
