import { join } from 'node:path';
import { shellTask, stageOf } from '../../harness/pipeline-words.ts';
import { startSystem } from '../../harness/start-system.ts';
import { inLanes } from '../in-lanes.ts';
import type { ChaosRow, ChaosSuite } from '../suite.ts';
import { END_KINDS, planEnd, type ReattachOutcome, runReattachJob, TASK } from './reattach-run.ts';

const LANES = 3;
const ATTACH_MS = 5000;

/** Ends the agent in the middle of a job, by force or to hand over; the next one has to finish the job. */
export const reattachSuite: ChaosSuite = {
  describe: 'agents killed or replaced in mid-job: every job passes once, the next agent attaches within 5 s',
  defaultRuns: 200,
  async run({ runs, random, progress, untimed = false }) {
    const plans = Array.from({ length: runs }, (_, index) => planEnd(random.fork(), index));
    const lanes = Math.min(LANES, runs);
    await using system = await startSystem({ agents: 0 });
    const agents = Array.from({ length: lanes }, (_, lane) =>
      system.addAgent(['--resources', `lane${lane}`]),
    );
    const counterFile = (lane: number) => join(system.folder, `starts-${lane}`);
    for (const lane of agents.keys()) {
      const tasks = [shellTask(`echo "$GO_PIPELINE_COUNTER" >> ${counterFile(lane)}`), shellTask(TASK)];
      const more = { stage: { fetch_materials: false }, job: { resources: [`lane${lane}`] } };
      await system.definePipeline(`lane${lane}`, [stageOf('only', 'prints', tasks, more)]);
    }
    const seen = agents.map(() => new Set<string>());
    const outcomes = await inLanes(runs, lanes, async (index, lane) => {
      const agent = agents[lane];
      const plan = plans[index];
      if (agent === undefined || plan === undefined) throw new RangeError(`no run ${index}`);
      // A new supervisor each time: one that sees agent after agent die waits longer and longer.
      await using _running = await agent.run();
      const outcome = await runReattachJob({
        system,
        agent,
        pipeline: `lane${lane}`,
        counterFile: counterFile(lane),
        plan,
        seen: seen[lane] ?? new Set(),
        attachLimitMs: untimed ? Infinity : ATTACH_MS,
      });
      progress(
        `${index + 1}/${runs} ${plan.kind}: attached after ${Math.round(outcome.attachMs)} ms, ${outcome.fault ?? 'passed'}`,
      );
      return outcome;
    });
    return rowsOf(outcomes);
  },
};

function rowsOf(outcomes: readonly ReattachOutcome[]): ChaosRow[] {
  return END_KINDS.map((kind) => {
    const own = outcomes.filter(({ plan }) => plan.kind === kind);
    const times = own.map(({ attachMs }) => attachMs).toSorted((a, b) => a - b);
    return {
      what: `${kind} of the agent`,
      tried: own.length,
      broke: own.filter(({ fault }) => fault !== undefined).length,
      figures: {
        'attach median ms': Math.round(times[Math.floor(times.length / 2)] ?? Number.NaN),
        'attach max ms': Math.round(times.at(-1) ?? Number.NaN),
      },
    };
  });
}
