import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestSystem } from './harness/test-system.ts';

/** Puts a bundle of another version where the server offers it from, and waits until it does. */
async function offer(
  system: TestSystem,
  file: 'agent.zip' | 'agent-launcher.zip',
  version: string,
): Promise<void> {
  const header = file === 'agent.zip' ? 'agent-content-md5' : 'agent-launcher-content-md5';
  const offered = async () =>
    (await system.api.ask('/admin/agent-bundles/latest.status', { accept: '*/*' })).headers.get(header);
  const before = await offered();
  expect(before).toMatch(/^[0-9a-f]{32}$/);
  const built = await ensureBuilt({ version, dist: join(system.folder, `dist-${version}`) });
  const target = join(system.server.bundles, file);
  await copyFile(join(built.bundles, file), `${target}.new`);
  await rename(`${target}.new`, target);
  await system.wait(async () => (await offered()) !== before, {
    describe: `the server to offer ${file} ${version}`,
  });
}

test('an idle agent runs a new agent bundle, then a new launcher bundle, without a hand', async () => {
  await using system = await startSystem();
  const { agent } = system;
  await system.definePipeline('after', [stageOf('only', 'one', [shellTask('true')])]);
  const guid = agent.guid();
  const bootstrapper = (await agent.status()).process?.pid;

  await offer(system, 'agent.zip', '7.7.1');
  await system.waitForAgent(agent, (shape) => shape.agent_version === '7.7.1', { describe: 'the new agent' });
  const first = await system.trigger('after');
  await system.waitForPass('after', first, 'only');

  await offer(system, 'agent-launcher.zip', '7.7.2');
  await system.wait(
    async () => {
      const { launcher, phase } = await agent.status();
      return launcher?.version === '7.7.2' && launcher.source === 'downloaded' && phase === 'running';
    },
    { timeoutMs: 30_000, describe: 'the new launcher' },
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

  await offer(system, 'agent.zip', '7.8.1');
  await offer(system, 'agent-launcher.zip', '7.8.2');
  expect(await agent.agentPid()).toBe(pid);
  expect((await system.agentShapes())[0]?.agent_version).toBe(old.agent_version);

  await writeFile(gate, '');
  await system.waitForPass('gated', counter, 'only');
  expect(await readFile(runs, 'utf8')).toBe('run\n');
  await system.waitForAgent(agent, (shape) => shape.agent_version === '7.8.1', { describe: 'the new agent' });
  await system.wait(async () => (await agent.status()).launcher?.version === '7.8.2', {
    timeoutMs: 30_000,
    describe: 'the new launcher',
  });
  await system.waitForIdle();
});
