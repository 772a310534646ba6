import { shellTask } from '../../harness/pipeline-words.ts';
import type { SeededRandom } from '../seeded-random.ts';

export interface PlannedJob {
  readonly name: string;
  readonly seconds: number;
  readonly result: 'passed' | 'failed';
}

export interface LoadPlan {
  readonly jobs: readonly PlannedJob[];
  readonly maxAgents: number;
  readonly jobsPerAgent: number;
}

const JOBS_PER_AGENT = 5;
/** Of 200 jobs: 10 agents. */
const JOBS_PER_PLACE = 20;

/** Jobs of up to two seconds, of which some fail. A short run has few agents, but never one alone. */
export function planLoad(random: SeededRandom, count: number): LoadPlan {
  return {
    jobs: Array.from({ length: count }, (_, i) => ({
      name: `job-${i + 1}`,
      seconds: random.integer(0, 2000) / 1000,
      result: random.integer(1, 10) === 1 ? 'failed' : 'passed',
    })),
    maxAgents: Math.min(10, Math.max(2, Math.ceil(count / JOBS_PER_PLACE))),
    jobsPerAgent: JOBS_PER_AGENT,
  };
}

/** A stage with all of the jobs. Each start of a task appends the name of its job to `startsFile`. */
export function stageOfLoad({ jobs }: LoadPlan, stage: string, profile: string, startsFile: string) {
  const definition = ({ name, seconds, result }: PlannedJob) => ({
    elastic_profile_id: profile,
    tasks: [
      shellTask(`echo ${name} >> ${startsFile}; sleep ${seconds}; ${result === 'passed' ? 'true' : 'false'}`),
    ],
  });
  return {
    [stage]: {
      fetch_materials: false,
      jobs: Object.fromEntries(jobs.map((job) => [job.name, definition(job)])),
    },
  };
}
