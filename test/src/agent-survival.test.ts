import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { leftovers } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestAgent } from './harness/test-agent.ts';
import type { TestSystem } from './harness/test-system.ts';

/**
 * Resolves when this process is the only agent in its home. An agent's command line has the entry of its bundle in it; so has, for a
 * moment, what it has forked and what is about to be another program.
 */
async function expectOneAgentProcess(system: TestSystem, agent: TestAgent, pid?: number): Promise<void> {
  expect(pid).toBeGreaterThan(0);
  await system.wait(
    () => {
      const found = leftovers(join(agent.home, 'data')).filter(({ command }) =>
        command.endsWith('agent.mjs'),
      );
      if (found.length === 1 && found[0]?.pid === pid) return true;
      throw new Error(`It is process ${pid}, and there are: ${JSON.stringify(found)}`);
    },
    { describe: 'one agent process' },
  );
}

test('an agent process that is killed while idle is back as the same agent, and works', async () => {
  await using system = await startSystem();
  const { agent } = system;
  const guid = agent.guid();
  await system.definePipeline('after', [stageOf('only', 'one', [shellTask('true')])]);
  for (let round = 0; round < 3; round++) {
    const pid = await agent.agentPid();
    process.kill(pid, 'SIGKILL');
    expect(await agent.agentPid(pid)).not.toBe(pid);
    // The server learns nothing of a process's death, so only work that is done proves that the agent is back.
    const counter = await system.trigger('after');
    await system.waitForPass('after', counter, 'only');
  }
  expect(agent.guid()).toBe(guid);
  expect((await system.agentShapes()).map(({ uuid }) => uuid)).toEqual([guid]);
  await expectOneAgentProcess(system, agent, await agent.agentPid());
});

test('a job that is assigned in the moment in which the agent process dies is run nevertheless', async () => {
  await using system = await startSystem();
  await system.definePipeline('hot', [stageOf('only', 'one', [shellTask('true')])]);
  for (let round = 0; round < 3; round++) {
    const pid = await system.agent.agentPid();
    const [counter] = await Promise.all([
      system.trigger('hot', { update_materials_before_scheduling: round === 0 }),
      system.events
        .next((event) => event.type === 'pipeline-scheduled', system.events.events.length)
        .then(() => process.kill(pid, 'SIGKILL')),
    ]);
    await system.waitForPass('hot', counter, 'only');
  }
});

test('after the bootstrapper was killed, go-agent start works at once and leaves one agent process', async () => {
  await using system = await startSystem({ agents: 0 });
  const agent = system.addAgent();
  expect(await agent.start()).toMatchObject({ status: ExitCode.ok });
  await system.waitForIdle();
  const guid = agent.guid();
  const bootstrapper = (await agent.status()).process?.pid ?? 0;
  process.kill(bootstrapper, 'SIGKILL');
  const started = await agent.start();
  expect(started, started.output).toMatchObject({ status: ExitCode.ok });
  const status = await agent.status();
  expect(status).toMatchObject({ running: true, phase: 'running' });
  expect(status.process?.pid).not.toBe(bootstrapper);
  await system.waitForIdle();
  await expectOneAgentProcess(system, agent, status.agent?.pid);
  expect((await system.agentShapes()).map(({ uuid }) => uuid)).toEqual([guid]);
});

test('a second go-agent run in one home refuses, says why, and harms nothing', async () => {
  await using system = await startSystem();
  const { agent } = system;
  const before = await agent.agentPid();
  const second = await agent.run();
  expect(await second.exited).toBe(ExitCode.locked);
  expect(second.output()).toMatch(/another go-agent|already|holds|locked/i);
  expect(second.output()).toContain(agent.home);
  expect(await agent.agentPid()).toBe(before);
  await expectOneAgentProcess(system, agent, before);
  // The status that the first one wrote is still the one that is shown.
  expect(await agent.status()).toMatchObject({ running: true, phase: 'running' });
  expect(existsSync(join(agent.home, 'config', 'guid.txt'))).toBe(true);
  await system.waitForIdle();
});
