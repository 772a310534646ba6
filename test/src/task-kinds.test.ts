import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packPlugins } from '../../scripts/pack-plugins.ts';
import { consoleLines } from './harness/console-lines.ts';
import { offerZip } from './harness/offer-bundle.ts';
import { stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/task-plugin');

test('scripts and a plugin of the server’s bundle work from the pipeline’s file to the console', async () => {
  await using system = await startSystem();
  const zip = join(system.folder, 'agent-plugins.zip');
  await packPlugins(EXAMPLES, zip);
  await offerZip(system, 'agent-plugins', zip);
  await system.definePipeline('kinds', [
    stageOf('only', 'one', [
      { script: 'words=(by bash)\necho "${words[@]}"\n' },
      { script: { script: 'echo by sh', shell: 'sh -eu', timeout: 5 } },
      { plugin: { configuration: { id: 'example.greeter', version: 1 }, options: { names: 'Ada' } } },
    ]),
    stageOf('unknown', 'one', [{ plugin: { configuration: { id: 'no.such', version: 1 } } }]),
  ]);
  // The agent that knew of no plugins ends, and its launcher unpacks them before the next one.
  const unpacked = join(system.agent.home, 'data', 'agent-plugins');
  await system.wait(async () => (await readdir(unpacked).catch(() => [])).length > 0, {
    describe: 'the plugins to be unpacked',
  });
  const counter = await system.trigger('kinds');
  await system.waitForPass('kinds', counter, 'only');
  const one = { pipeline: 'kinds', counter, stage: 'only', job: 'one' };
  const texts = consoleLines(await system.console(one)).map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(['by bash', 'by sh', 'Hello, Ada!']));
  const stage = await system.waitForStage('kinds', counter, 'unknown');
  expect(stage.result).toBe('Failed');
  expect(await system.console({ ...one, stage: 'unknown' })).toContain(
    'There is no task plugin no.such on this agent (it has example.greeter).',
  );
});
