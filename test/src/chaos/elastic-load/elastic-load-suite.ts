import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { startElasticSystem } from '../../elastic/elastic-system.ts';
import type { ChaosRow, ChaosSuite } from '../suite.ts';
import { planLoad, stageOfLoad } from './load-plan.ts';
import { judgeLoad, type LoadVerdict } from './load-verdict.ts';
import { countHomes, LoadWatch } from './load-watch.ts';

/** An agent that a waiting job can use stays. */
const IDLE_SECONDS = 2;
/** For all of it, beside what the jobs themselves take on a busy machine. */
const PATIENCE_MS = 120_000;
const PATIENCE_PER_JOB_MS = 10_000;

/** One stage with all of the jobs on an empty cluster of real agents: how many there are, who has what, and how often. */
export const elasticLoadSuite: ChaosSuite = {
  describe:
    'jobs all at once for elastic agents: no more agents than allowed, no job twice, agents used again',
  defaultRuns: 200,
  async run({ runs, random, progress }) {
    const plan = planLoad(random, runs);
    const policy = {
      max_agents: plan.maxAgents,
      jobs_per_agent: plan.jobsPerAgent,
      idle_timeout: IDLE_SECONDS,
    };
    await using elastic = await startElasticSystem({ load: policy });
    const { system } = elastic;
    const startsFile = join(system.folder, 'starts');
    writeFileSync(startsFile, '');
    await elastic.elasticPipeline('load', [stageOfLoad(plan, 'all', 'load', startsFile)]);
    const startedAt = systemClock.monotonic();
    const watch = new LoadWatch(system, progress);
    await system.api.send('POST', '/api/pipelines/load/schedule');
    await watch.untilOver(PATIENCE_MS + runs * PATIENCE_PER_JOB_MS);
    const verdict = judgeLoad(plan, {
      events: system.events.events,
      starts: readFileSync(startsFile, 'utf8').trim().split('\n'),
      mostHomes: watch.mostHomes,
      homesLeft: countHomes(system),
    });
    for (const fault of [...verdict.jobFaults, ...verdict.agentFaults]) progress(fault);
    return rowsOf(runs, verdict, watch, startedAt);
  },
};

function rowsOf(
  jobs: number,
  { jobFaults, agentFaults, agents, mostAgents, mostJobsOfAgent }: LoadVerdict,
  { mostHomes, stageOverAt }: LoadWatch,
  startedAt: number,
): ChaosRow[] {
  return [
    {
      what: 'jobs',
      tried: jobs,
      broke: jobFaults.length,
      figures: { seconds: Math.round((stageOverAt - startedAt) / 1000) },
    },
    {
      what: 'agents',
      tried: agents,
      broke: agentFaults.length,
      figures: {
        'most at a time': mostAgents,
        'most homes': mostHomes,
        'most jobs of one': mostJobsOfAgent,
        'jobs of each': (jobs / agents).toFixed(1),
      },
    },
  ];
}
