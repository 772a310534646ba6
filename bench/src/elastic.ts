import { systemClock } from '@go-agent/runtime/core';
import { noPodman } from '../../elastic/src/testing/podman.ts';
import {
  type ElasticSystem,
  type Making,
  startElasticSystem,
} from '../../test/src/elastic/elastic-system.ts';
import { stageOf } from '../../test/src/harness/pipeline-words.ts';
import type { Bench } from './bench.ts';
import { type DispatchTimes, defineClockPipeline, dispatchOnce, dispatchSeries } from './dispatch-run.ts';
import { openPodmanCluster } from './elastic-podman.ts';
import type { Row } from './report.ts';
import { summarise } from './statistics.ts';

const NEVER = new AbortController().signal;
/** An agent that has just registered has its spare job host up by then. */
const WARM_MS = 3000;
const PAUSE_MS = 600;

/** From a trigger to the first instruction of the task, where the agent has to be made first, or is warm. */
export const elastic: Bench = {
  describe:
    'trigger to first instruction on an elastic agent: made for the job as process or container, and warm; static beside a sleeping plugin',
  defaultRuns: 20,
  async run(runs, progress) {
    const cold = await onEmptyCluster(runs, progress);
    const { contained, podmanNote } = await onPodman(runs, progress);
    const warm: DispatchTimes[] = [];
    const alone: DispatchTimes[] = [];
    const besideSleeper: DispatchTimes[] = [];
    {
      await using system = await startElasticSystem({ warm: { min_idle: 1, jobs_per_agent: 1 } });
      await elasticClock(system, 'warm');
      progress(`${runs} jobs with one warm agent`);
      for (let run = 0; run < runs; run++) {
        await system.system.wait(
          async () => (await system.agents()).some((one) => one.agent_state === 'Idle'),
          {
            describe: 'a warm agent',
          },
        );
        await systemClock.sleep(WARM_MS, NEVER);
        warm.push(await dispatchOnce(system.system, 'warm', { updateMaterials: run === 0 }));
      }
    }
    {
      await using system = await startElasticSystem({}, { agents: 1 });
      await defineClockPipeline(system.system, 'static');
      await elasticClock(system, 'sleeper');
      progress(`${2 * runs} jobs on a static agent, half of them beside a plugin that sleeps`);
      const statics = (count: number, updateMaterials: boolean) =>
        dispatchSeries(system.system, {
          pipeline: 'static',
          runs: count,
          updateMaterials,
          pauseMs: PAUSE_MS,
        });
      await statics(3, true);
      alone.push(...(await statics(runs, false)));
      await system.system.trigger('sleeper');
      besideSleeper.push(...(await statics(runs, false)));
    }
    return {
      rows: [
        row('empty cluster (process): 202 received -> task', cold, 'fromAccepted'),
        row('  request sent -> job assigned', cold, 'requestToAssigned'),
        ...(contained.length === 0
          ? []
          : [
              row('empty cluster (docker, Podman): 202 received -> task', contained, 'fromAccepted'),
              row('  request sent -> job assigned', contained, 'requestToAssigned'),
            ]),
        row('min_idle 1: 202 received -> task', warm, 'fromAccepted'),
        row('  request sent -> job assigned', warm, 'requestToAssigned'),
        row('static agent, no plugin in trouble: request sent -> task', alone, 'fromRequest'),
        row('static agent, a plugin that never answers: request sent -> task', besideSleeper, 'fromRequest'),
      ],
      notes: [
        'The task is `date +%s%N`; its first instruction is the time that it prints. Stages without fetch_materials.',
        podmanNote,
        'Each agent but the static one has one job (jobs_per_agent 1): it is made, registers, works, and is ended.',
        `A warm agent is left alone for ${WARM_MS} ms before its job. The first run of each part polls the material.`,
      ],
    };
  },
};

/** Each job has an agent made for it, on a cluster that has none. */
async function onEmptyCluster(
  runs: number,
  progress: (line: string) => void,
  making?: Making,
): Promise<DispatchTimes[]> {
  const times: DispatchTimes[] = [];
  await using system = await startElasticSystem({ cold: {} }, making === undefined ? {} : { making });
  await elasticClock(system, 'cold');
  progress(`${runs} jobs on an empty cluster (${making?.provider ?? 'process'})`);
  for (let run = 0; run < runs; run++) {
    await system.system.wait(async () => (await system.agents()).length === 0, { describe: 'no agent' });
    times.push(await dispatchOnce(system.system, 'cold', { updateMaterials: run === 0 }));
  }
  return times;
}

async function onPodman(runs: number, progress: (line: string) => void) {
  const missing = noPodman();
  if (missing !== undefined) {
    progress(`Skipped: agents in containers of Podman: ${missing}`);
    return { contained: [], podmanNote: `Not measured on Podman: ${missing}.` };
  }
  await using cluster = await openPodmanCluster();
  const contained = await onEmptyCluster(runs, progress, cluster.making);
  return {
    contained,
    podmanNote: `Podman: runc, network of the host, ${cluster.driver} storage; Node and go-agent are in the image, which is there.`,
  };
}

function elasticClock({ system }: ElasticSystem, profile: string): Promise<void> {
  const date = { exec: { command: 'date', arguments: ['+%s%N'] } };
  const words = { stage: { fetch_materials: false }, job: { elastic_profile_id: profile } };
  return system.definePipeline(profile, [stageOf('only', 'clock', [date], words)]);
}

function row(what: string, times: readonly DispatchTimes[], phase: keyof DispatchTimes): Row {
  return { what, unit: 'ms', summary: summarise(times.map((time) => time[phase])) };
}
