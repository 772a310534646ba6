import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive, processIdentity } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { runToEnd } from './harness/process.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestAgent } from './harness/test-agent.ts';
import type { TestSystem } from './harness/test-system.ts';

interface Finding {
  readonly check: string;
  readonly result: string;
  readonly saw: string;
}

async function goAgent(system: TestSystem, { home }: TestAgent, ...args: readonly string[]) {
  const command = [join(system.folder, 'go-agent', 'go-agent.mjs'), ...args, '--home', home];
  return runToEnd(process.execPath, command, { cwd: system.folder, env: system.env });
}

/** What doctor says without being told anything but the home. */
async function examine(system: TestSystem, agent: TestAgent) {
  const { status, output } = await goAgent(system, agent, 'doctor', '--json');
  const json = output.replaceAll(/^Still looking at: .*$/gm, '');
  const { findings } = JSON.parse(json) as { readonly findings: readonly Finding[] };
  const of = (check: string) => findings.find((finding) => finding.check === check);
  return { status, failed: findings.filter(({ result }) => result === 'fail'), of };
}

test('two agents in two homes of one machine are well, and one that ends leaves the other as it is', async () => {
  await using system = await startSystem({ agents: 2 });
  const [first, second] = system.agents as [TestAgent, TestAgent];
  expect(first.guid()).not.toBe(second.guid());
  for (const agent of [first, second]) {
    const { status, failed, of } = await examine(system, agent);
    expect(failed).toEqual([]);
    expect(status).toBe(0);
    expect(of('supervision')).toMatchObject({ result: 'ok', saw: expect.stringContaining('runs its agent') });
    expect(of('token')).toMatchObject({ result: 'ok' });
    expect(of('lock')).toMatchObject({ result: 'ok', saw: expect.stringContaining('holds it') });
  }
  const before = processIdentity(await second.agentPid());
  await first.stop();
  expect(first.lockedBy()).toBeUndefined();
  expect(isAlive(before!)).toBe(true);
  expect(processIdentity(await second.agentPid())).toEqual(before);
  await system.definePipeline('app', [
    { build: { jobs: { job: { tasks: [{ exec: { command: 'true' } }] } } } },
  ]);
  const counter = await system.trigger('app');
  const stage = await system.waitForPass('app', counter, 'build');
  expect(stage.jobs[0]?.agent_uuid).toBe(second.guid());
  const { of } = await examine(system, first);
  expect(of('supervision')).toMatchObject({ result: 'warn', saw: expect.stringContaining('no agent runs') });
});

test('a home that was copied has a guid twice: doctor says so on both sides, and a new guid heals it', async () => {
  await using system = await startSystem();
  const original = system.agent;
  const copy = system.addAgent();
  await mkdir(copy.home);
  await cp(join(original.home, 'config'), join(copy.home, 'config'), { recursive: true });
  expect(copy.guid()).toBe(original.guid());

  await copy.run();
  await system.wait(async () => (await examine(system, copy)).of('guid')?.result === 'fail', {
    timeoutMs: 60_000,
    describe: 'doctor of the copy to name the other agent',
  });
  await system.wait(async () => (await examine(system, original)).of('guid')?.result === 'fail', {
    timeoutMs: 60_000,
    describe: 'doctor of the original to name the copy',
  });
  const warning = `The guid ${copy.guid()} was copied: it was made for another home folder, ${original.home}`;
  expect(copy.log('agent')).toContain(warning);
  const refused = await goAgent(system, copy, 'config', 'new-guid');
  expect(refused).toMatchObject({ status: 4, output: expect.stringContaining('go-agent stop') });
  expect(copy.guid()).toBe(original.guid());

  await copy.stop();
  expect(await goAgent(system, copy, 'config', 'new-guid')).toMatchObject({ status: 0 });
  expect(copy.guid()).not.toBe(original.guid());
  await copy.run();
  await system.waitForIdle(copy);
  await system.waitForIdle(original);
  expect((await examine(system, copy)).of('guid')).toMatchObject({ result: 'ok' });
});
