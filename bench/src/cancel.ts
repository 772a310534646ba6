import { systemClock } from '@go-agent/runtime/core';
import { stageOf } from '../../test/src/harness/pipeline-words.ts';
import { startSystem } from '../../test/src/harness/start-system.ts';
import type { TestSystem } from '../../test/src/harness/test-system.ts';
import type { Bench } from './bench.ts';
import { summarise } from './statistics.ts';

/** Bash has the time at hand; a `date` would cost another process. `wait` gives way to a signal at once. */
const TASK = `trap 'echo "signal $EPOCHREALTIME"; exit 0' TERM; echo ready; sleep 300 & wait`;
const NEVER = new AbortController().signal;

interface CancelTimes {
  readonly fromRequest: number;
  /** Negative if the signal was faster than the answer. */
  readonly fromAnswer: number;
}

/** From the request that cancels a stage to the first signal that its task sees. */
export const cancel: Bench = {
  describe: 'request that cancels a stage to the first signal that the running task sees',
  defaultRuns: 100,
  async run(runs, progress) {
    await using system = await startSystem();
    const task = { exec: { command: 'bash', arguments: ['-c', TASK] } };
    await system.definePipeline('waits', [
      stageOf('only', 'waits', [task], { stage: { fetch_materials: false } }),
    ]);
    const times: CancelTimes[] = [];
    for (let run = 0; run < runs; run++) {
      times.push(await cancelOnce(system));
      if ((run + 1) % 20 === 0) progress(`${run + 1}/${runs}`);
    }
    const row = (what: string, of: (one: CancelTimes) => number) => ({
      what,
      unit: 'ms',
      summary: summarise(times.map(of)),
    });
    return {
      rows: [
        row('request sent -> signal in the task', ({ fromRequest }) => fromRequest),
        row('answer received -> signal in the task', ({ fromAnswer }) => fromAnswer),
      ],
      notes: [`The task is bash: ${TASK}`, 'It has waited for 100 to 600 ms when it is cancelled.'],
    };
  },
};

async function cancelOnce(system: TestSystem): Promise<CancelTimes> {
  await system.waitForIdle();
  const counter = await system.trigger('waits');
  const job = { pipeline: 'waits', counter, stage: 'only', job: 'waits' };
  await system.wait(async () => (await system.console(job)).includes(' ready\n'), { describe: 'the task' });
  await systemClock.sleep(100 + Math.random() * 500, NEVER);
  const requestAt = nowMs();
  await system.api.send('POST', `/api/stages/waits/${counter}/only/1/cancel`);
  const answerAt = nowMs();
  await system.waitForStage('waits', counter, 'only');
  const signalAt = await system.wait(
    async () => {
      const [, seconds] = /^&1\|\S+ signal (\d+\.\d+)$/m.exec(await system.console(job)) ?? [];
      return Number(seconds) * 1000;
    },
    { describe: 'the line that the task prints at its signal' },
  );
  return {
    fromRequest: signalAt - requestAt,
    fromAnswer: signalAt - answerAt,
  };
}

/** Epoch milliseconds with microseconds, by the same clock as the task's. */
function nowMs(): number {
  return Number(Temporal.Now.instant().epochNanoseconds / 1000n) / 1000;
}
