import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leftovers } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { consoleLines } from './harness/console-lines.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

test('cancelling a stage ends its whole process tree, and the agent takes the next job', async () => {
  await using system = await startSystem();
  const mark = `mark-${process.pid}-${Date.now()}`;
  const script = [
    `trap '' INT HUP`,
    `export TREE=${mark}`,
    'sleep 300 &',
    `setsid sh -c "trap '' TERM; while :; do sleep 300; done" &`,
    'nohup sleep 300 >/dev/null 2>&1 &',
    'echo the tree stands',
    'wait',
  ].join('\n');
  await system.definePipeline('long', [
    stageOf('only', 'tree', [shellTask(script), shellTask('echo too late')]),
  ]);
  await system.definePipeline('next', [stageOf('only', 'one', [shellTask('echo next')])]);
  const counter = await system.trigger('long');
  const job = { pipeline: 'long', counter, stage: 'only', job: 'tree' };
  await system.wait(async () => (await system.console(job)).includes('the tree stands'), {
    describe: 'the process tree to stand',
  });
  // Each shows its environment once it executes its program.
  await system.wait(() => leftovers(mark).length >= 4, { describe: 'the processes of the tree' });

  const answer = await system.api.send<{ message: string }>(
    'POST',
    `/api/stages/long/${counter}/only/1/cancel`,
  );
  expect(answer.message).toMatch(/cancel/i);
  const stage = await system.waitForStage('long', counter, 'only');
  expect(stage).toMatchObject({ result: 'Cancelled', jobs: [{ state: 'Completed', result: 'Cancelled' }] });
  await system.wait(() => leftovers(mark).length === 0, {
    describe: 'the tree to be gone',
  });
  await system.waitForIdle();

  const next = await system.trigger('next');
  await system.waitForPass('next', next, 'only');
  const texts = consoleLines(await system.console(job)).map(({ text }) => text);
  expect(texts).not.toContain('too late');
  expect(system.events.agentStates(system.agent.guid())).toContain('cancelled');
  expect(await readFile(join(system.agent.home, 'logs', 'go-agent.log'), 'utf8')).toContain('cancelled');
});
