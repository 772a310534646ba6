import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { consoleLines } from './harness/console-lines.ts';
import { stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';

const LINES = 20_000;
const SECONDS = 30;
const AWAY_MS = 10_000;

/** A job that notes each of its runs in a file, and prints numbered lines in bursts, ten a second. */
async function defineCounting(system: TestSystem): Promise<string> {
  const runs = join(system.folder, 'runs');
  const bursts = SECONDS * 10;
  const script = `const fs = require('node:fs');
fs.appendFileSync(process.env.RUNS, 'run\\n');
let line = 0;
for (let burst = 1; burst <= ${bursts}; burst++) {
  let text = '';
  for (; line < Math.round(${LINES} * burst / ${bursts}); ) text += 'line ' + ++line + ' of ${LINES}\\n';
  fs.writeSync(1, text);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
}`;
  system.repository.commit({ 'count.cjs': script }, 'counts');
  await system.definePipeline('counting', [
    stageOf('only', 'count', [{ exec: { command: process.execPath, arguments: ['count.cjs'] } }], {
      job: { environment_variables: { RUNS: runs } },
    }),
  ]);
  return runs;
}

async function expectEachLineOnce(system: TestSystem, counter: number, runs: string): Promise<void> {
  await system.waitForPass('counting', counter, 'only', { timeoutMs: 120_000 });
  expect(await readFile(runs, 'utf8')).toBe('run\n');
  const lines = consoleLines(
    await system.console({ pipeline: 'counting', counter, stage: 'only', job: 'count' }),
  );
  const counted = lines.filter(({ tag }) => tag === '&1').map(({ text }) => text);
  expect(counted).toEqual(Array.from({ length: LINES }, (_, i) => `line ${i + 1} of ${LINES}`));
  expect(lines.at(-1)?.tag).toBe('ex');
}

/** Resolves when the server has some of the job's lines: it is in the midst of it. */
async function waitForLines(system: TestSystem, counter: number, atLeast: number): Promise<void> {
  const job = { pipeline: 'counting', counter, stage: 'only', job: 'count' };
  await system.wait(async () => (await system.console(job)).includes(`line ${atLeast} of`), {
    describe: `line ${atLeast} to have arrived`,
  });
}

test('a server that is killed in mid-job and comes back gets each line once; the job passes and ran once', async () => {
  await using system = await startSystem();
  const runs = await defineCounting(system);
  const counter = await system.trigger('counting');
  await waitForLines(system, counter, 3000);
  await system.server.kill();
  await systemClock.sleep(AWAY_MS, new AbortController().signal);
  await system.server.start();
  await expectEachLineOnce(system, counter, runs);
  await system.waitForIdle();
});

test('an agent process that is killed in mid-job is replaced by one that delivers the job to its end', async () => {
  await using system = await startSystem();
  const runs = await defineCounting(system);
  const counter = await system.trigger('counting');
  await waitForLines(system, counter, 3000);
  const pid = await system.agent.agentPid();
  process.kill(pid, 'SIGKILL');
  expect(await system.agent.agentPid(pid)).not.toBe(pid);
  await expectEachLineOnce(system, counter, runs);
  await system.waitForIdle();
});
