import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { offerBundle } from './harness/offer-bundle.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';

test('an idle agent runs a new agent bundle, then a new launcher bundle, without a hand', async () => {
  await using system = await startSystem();
  const { agent } = system;
  await system.definePipeline('after', [stageOf('only', 'one', [shellTask('true')])]);
  const guid = agent.guid();
  const bootstrapper = (await agent.status()).process?.pid;

  await offerBundle(system, 'agent', '7.7.1');
  await system.waitForAgent(agent, (shape) => shape.agent_version === '7.7.1', { describe: 'the new agent' });
  const first = await system.trigger('after');
  await system.waitForPass('after', first, 'only');

  await offerBundle(system, 'agent-launcher', '7.7.2');
  await system.wait(
    async () => {
      const { launcher, phase } = await agent.status();
      return launcher?.version === '7.7.2' && launcher.source === 'downloaded' && phase === 'running';
    },
    { describe: 'the new launcher' },
  );
  const second = await system.trigger('after');
  await system.waitForPass('after', second, 'only');
  expect((await agent.status()).process?.pid).toBe(bootstrapper);
  expect((await system.agentShapes()).map(({ uuid, agent_version }) => [uuid, agent_version])).toEqual([
    [guid, '7.7.1'],
  ]);
});

test('a running job is not disturbed by new bundles; they run after it', async () => {
  await using system = await startSystem();
  const { agent } = system;
  const gate = join(system.folder, 'gate');
  const runs = join(system.folder, 'runs');
  await system.definePipeline('gated', [
    stageOf('only', 'one', [shellTask(`echo run >> ${runs}; while [ ! -e ${gate} ]; do sleep 0.05; done`)]),
  ]);
  const pid = await agent.agentPid();
  const counter = await system.trigger('gated');
  const old = await system.waitForAgent(agent, (shape) => shape.display_state === 'building');

  await offerBundle(system, 'agent', '7.8.1');
  await offerBundle(system, 'agent-launcher', '7.8.2');
  expect(await agent.agentPid()).toBe(pid);
  expect((await system.agentShapes())[0]?.agent_version).toBe(old.agent_version);

  await writeFile(gate, '');
  await system.waitForPass('gated', counter, 'only');
  expect(await readFile(runs, 'utf8')).toBe('run\n');
  await system.waitForAgent(agent, (shape) => shape.agent_version === '7.8.1', { describe: 'the new agent' });
  await system.wait(async () => (await agent.status()).launcher?.version === '7.8.2', {
    describe: 'the new launcher',
  });
  await system.waitForIdle();
});
