import { systemClock } from '@go-agent/runtime/core';
import { startSystem } from '../../test/src/harness/start-system.ts';
import type { Bench } from './bench.ts';
import { type DispatchTimes, defineClockPipeline, dispatchOnce, dispatchSeries } from './dispatch-run.ts';
import { type PollingPlan, pollingPlan } from './polling-plan.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

const NEVER = new AbortController().signal;
/** Between the end of a job and the next trigger: the agent is idle, its spare job host is up. */
const PAUSE_MS = 600;
/** By then the agent and its spare job host have given their memory back. */
const LONG_PAUSE_MS = 20_000;
/** Without held requests the agent's pause grows to its 10 s in this time. */
const POLLING_SETTLE_MS = 22_000;
const POLLING_PERIOD_MS = 10_000;
/** Of a run with what is before it: both of the above on average, and the job. */
const POLLING_TURN_MS = 34_000;
/** Between two lines on how far it is. */
const TELL_EACH = 10;

/** From a trigger to the first instruction of the task that it starts, through the real executables. */
export const dispatch: Bench = {
  describe: 'trigger to first instruction of the task, one idle agent: held requests, and polling beside it',
  defaultRuns: 200,
  async run(runs, progress, _scale, pollingRuns) {
    const few = Math.max(10, Math.round(runs / 10));
    const rested: DispatchTimes[] = [];
    const held: DispatchTimes[] = [];
    const withUpdate: DispatchTimes[] = [];
    const busy: DispatchTimes[] = [];
    {
      await using system = await startSystem();
      await defineClockPipeline(system, 'clock');
      const series = (count: number, updateMaterials: boolean, pauseMs: number) =>
        dispatchSeries(system, { pipeline: 'clock', runs: count, updateMaterials, pauseMs });
      await series(3, true, PAUSE_MS);
      progress(`${runs} runs with held requests`);
      held.push(...(await series(runs, false, PAUSE_MS)));
      progress(`${few} runs that poll the material first`);
      withUpdate.push(...(await series(few, true, PAUSE_MS)));
      progress(`${few} runs right after the job before`);
      busy.push(...(await series(few, false, 0)));
      progress(`10 runs after ${LONG_PAUSE_MS / 1000} s each without a job`);
      rested.push(...(await series(10, false, LONG_PAUSE_MS)));
    }
    const plan = pollingPlan(runs, pollingRuns);
    const turns = Math.max(...plan.shares);
    progress(
      `${plan.runs} runs by polling, which takes ${Math.ceil((turns * POLLING_TURN_MS) / 60_000)} minutes or so`,
    );
    const polled = await pollingSeries(plan, progress);
    return {
      rows: [
        row('202 received -> task', held, 'fromAccepted'),
        row('request sent -> task', held, 'fromRequest'),
        row('  request sent -> 202 received', held, 'requestToAccepted'),
        row('  request sent -> job assigned', held, 'requestToAssigned'),
        row('  job assigned -> job host writes', held, 'assignedToHost'),
        row('  job host writes -> task announced', held, 'hostToTask'),
        row('  task announced -> first instruction', held, 'taskToInstruction'),
        row('material polled first: 202 received -> task', withUpdate, 'fromAccepted'),
        row('no pause between jobs: 202 received -> task', busy, 'fromAccepted'),
        row(`no job for ${LONG_PAUSE_MS / 1000} s: 202 received -> task`, rested, 'fromAccepted'),
        row('polling agent (no Prefer): 202 received -> task', polled, 'fromAccepted'),
      ],
      notes: [
        'The task is `date +%s%N`; its first instruction is the time that it prints.',
        `Stage without fetch_materials, trigger without update of the materials (but where stated); ${PAUSE_MS} ms between the runs.`,
        `Polling: ${plan.shares.length} agents with work-wait and ping-wait 0, each idle for ${POLLING_SETTLE_MS / 1000} s and more before a run.`,
        'Times of the phases have a resolution of 1 ms.',
      ],
    };
  },
};

/** Several agents side by side, since each of them has to be idle for long; each has a pipeline of its own. */
async function pollingSeries(plan: PollingPlan, progress: (line: string) => void): Promise<DispatchTimes[]> {
  await using system = await startSystem({ agents: 0 });
  const lanes = plan.shares.map((_, i) => `lane${i + 1}`);
  for (const lane of lanes) {
    const agent = system.addAgent(['--resources', lane, '--set', 'work-wait=0', '--set', 'ping-wait=0']);
    await agent.run();
    await system.waitForIdle(agent);
    await defineClockPipeline(system, lane, lane);
  }
  let done = 0;
  const times = await Promise.all(
    lanes.map(async (lane, i) => {
      const own: DispatchTimes[] = [];
      for (let run = 0; run < (plan.shares[i] ?? 0); run++) {
        await systemClock.sleep(POLLING_SETTLE_MS + Math.random() * POLLING_PERIOD_MS, NEVER);
        own.push(await dispatchOnce(system, lane, { updateMaterials: run === 0 }));
        done += 1;
        if (done % TELL_EACH === 0) progress(`  ${done} of ${plan.runs} by polling`);
      }
      return own;
    }),
  );
  return times.flat();
}

function row(what: string, times: readonly DispatchTimes[], phase: keyof DispatchTimes): Row {
  return { what, unit: 'ms', summary: summarise(times.map((time) => time[phase])) };
}
