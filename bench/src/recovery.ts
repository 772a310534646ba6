import { systemClock } from '@go-agent/runtime/core';
import { shellTask, stageOf } from '../../test/src/harness/pipeline-words.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import type { TestSystem } from '../../test/src/harness/test-system.ts';
import type { Bench } from './bench.ts';
import { summarise } from './statistics.ts';

const NEVER = new AbortController().signal;
/** A good run by the supervisor's measure: after that it does not wait longer than the first time. */
const GOOD_RUN_MS = 61_000;

interface Recovery {
  /** `kill -9` of the agent process to the start of the next one. */
  readonly process: number;
  /** `kill -9` to the end of a job that was triggered right after it. The server hears nothing of the kill, so work proves the agent. */
  readonly job: number;
}

/** How long an idle agent is away when its process, or its bootstrapper, is killed. */
export const recovery: Bench = {
  describe: 'kill -9 of an idle agent, and of its bootstrapper, to the end of the next job (a minute a run)',
  defaultRuns: 20,
  async run(runs, progress) {
    await using system = await startSystem();
    await system.definePipeline('after', [
      stageOf('only', 'one', [shellTask('true')], { stage: { fetch_materials: false } }),
    ]);
    const undisturbed: number[] = [];
    for (let run = 0; run < runs; run++) undisturbed.push(await jobMs(system));
    const killed: Recovery[] = [];
    for (let run = 0; run < runs; run++) {
      await systemClock.sleep(GOOD_RUN_MS, NEVER);
      killed.push(await killAgent(system));
      progress(`agent ${run + 1}/${runs}`);
    }
    const started: number[] = [];
    for (let run = 0; run < runs; run++) started.push(await killBootstrapper(system));
    const row = (what: string, samples: readonly number[]) => ({
      what,
      unit: 'ms',
      summary: summarise(samples),
    });
    return {
      rows: [
        row('trigger -> end of a job, nothing killed', undisturbed),
        row(
          'kill -9 of the agent -> next agent process',
          killed.map(({ process }) => process),
        ),
        row(
          'kill -9 of the agent -> end of the next job',
          killed.map(({ job }) => job),
        ),
        row('kill -9 of the bootstrapper, go-agent start -> end of the next job', started),
      ],
      notes: [
        `Between two kills of the agent ${GOOD_RUN_MS / 1000} s pass: the supervisor waits 1 s before the first relaunch, longer after more in a row.`,
      ],
    };
  },
};

async function jobMs(system: TestSystem): Promise<number> {
  await system.waitForIdle();
  const at = systemClock.monotonic();
  await system.waitForPass('after', await system.trigger('after'), 'only');
  return systemClock.monotonic() - at;
}

async function killAgent(system: TestSystem): Promise<Recovery> {
  const { agent } = system;
  const pid = await agent.agentPid();
  const at = systemClock.monotonic();
  process.kill(pid, 'SIGKILL');
  const counter = await system.trigger('after');
  await agent.agentPid(pid);
  const processMs = systemClock.monotonic() - at;
  await system.waitForPass('after', counter, 'only');
  return { process: processMs, job: systemClock.monotonic() - at };
}

async function killBootstrapper(system: TestSystem): Promise<number> {
  const { agent } = system;
  process.kill((await agent.status()).process?.pid ?? 0, 'SIGKILL');
  const at = systemClock.monotonic();
  await agent.start();
  await system.waitForPass('after', await system.trigger('after'), 'only');
  return systemClock.monotonic() - at;
}
