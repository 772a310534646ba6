import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { leftovers } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { shellTask, stageOf } from './harness/pipeline-words.ts';
import { startSystem } from './harness/start-system.ts';
import type { TestAgent } from './harness/test-agent.ts';
import type { TestSystem } from './harness/test-system.ts';

interface Health {
  readonly problems: readonly string[];
  readonly agent?: {
    readonly pid: number;
    readonly state: string;
    readonly job?: string;
    readonly notAskingBecause?: string;
    readonly restartFor?: readonly string[];
  };
}

async function healthOf(agent: TestAgent): Promise<Health> {
  const { output } = await agent.go('status', '--json');
  return (JSON.parse(output) as { health?: Health }).health ?? { problems: [] };
}

/** A pipeline whose job runs until a file is there; resolves once it runs. */
async function longJob(system: TestSystem, name: string) {
  const until = join(system.folder, `${name}-may-end`);
  await system.definePipeline(name, [
    stageOf('only', 'one', [shellTask(`echo up; while [ ! -e ${until} ]; do sleep 0.1; done; echo done`)]),
  ]);
  const counter = await system.trigger(name);
  const job = { pipeline: name, counter, stage: 'only', job: 'one' };
  await system.wait(async () => (await system.console(job)).includes(' up'), { describe: 'the job to run' });
  return { job, counter, locator: `${name}/${counter}/only/1/one`, end: () => writeFileSync(until, '') };
}

test('a drained agent finishes its job and takes no other until it is resumed', async () => {
  await using system = await startSystem();
  const { agent } = system;
  await system.definePipeline('next', [stageOf('only', 'one', [shellTask('true')])]);
  const long = await longJob(system, 'long');
  const drained = await agent.go('drain', '--json');
  expect(drained.status).toBe(ExitCode.ok);
  expect(JSON.parse(drained.output)).toMatchObject({ agent: { state: 'draining', job: long.locator } });
  const next = await system.trigger('next');
  const waiting = agent.go('drain', '--wait');
  long.end();
  expect((await waiting).status).toBe(ExitCode.ok);
  await system.waitForPass('long', long.counter, 'only');
  expect((await healthOf(agent)).agent).toMatchObject({ state: 'drained' });
  expect((await system.stage('next', next, 'only')).jobs[0]?.state).toBe('Scheduled');
  expect((await agent.go('resume')).output).toContain('takes work again');
  await system.waitForPass('next', next, 'only');
  expect((await healthOf(agent)).problems).toEqual([]);
});

test('SIGTERM lets the job finish and be reported before go-agent ends with 0', async () => {
  await using system = await startSystem({ agents: 0 });
  const running = await system.addAgent().run();
  const long = await longJob(system, 'long');
  running.kill('SIGTERM');
  await system.wait(async () => (await healthOf(system.agent)).agent?.state === 'draining', {
    describe: 'the agent to be drained',
  });
  long.end();
  expect(await running.exited).toBe(ExitCode.ok);
  expect((await system.stage('long', long.counter, 'only')).result).toBe('Passed');
});

test.each(['the end of its time', 'a second SIGTERM'])(
  'a job that goes on after SIGTERM is cancelled at %s, with a line on its console and a report',
  async (how) => {
    await using system = await startSystem({ agents: 0 });
    const timeout = how === 'a second SIGTERM' ? '1h' : '500ms';
    const running = await system.addAgent(['--drain-timeout', timeout]).run();
    const long = await longJob(system, 'long');
    running.kill('SIGTERM');
    if (how === 'a second SIGTERM') {
      await system.wait(async () => (await healthOf(system.agent)).agent?.state === 'draining', {
        describe: 'the agent to be drained',
      });
      running.kill('SIGTERM');
    }
    expect(await running.exited).toBe(ExitCode.ok);
    expect((await system.stage('long', long.counter, 'only')).result).toBe('Cancelled');
    expect(await system.console(long.job)).toContain('the time that it gave to this job is over');
    expect(leftovers(system.agent.home).filter(({ command }) => command.startsWith('/bin/sh'))).toEqual([]);
  },
);

test('go-agent stop waits for the job and says which; --now does not wait', async () => {
  await using system = await startSystem({ agents: 0 });
  const agent = system.addAgent();
  await agent.start();
  const long = await longJob(system, 'long');
  const stopping = agent.go('stop');
  await system.wait(async () => (await healthOf(agent)).agent?.state === 'draining', {
    describe: 'the agent to be drained',
  });
  long.end();
  expect((await stopping).output).toContain(`Job ${long.locator} may finish`);
  await system.waitForPass('long', long.counter, 'only');
  await agent.start();
  const other = await longJob(system, 'other');
  expect((await agent.go('stop', '--now')).output).toContain('it ended by itself');
  expect(leftovers(agent.home).filter(({ command }) => command.includes('other-may-end'))).toEqual([]);
  expect((await system.stage('other', other.counter, 'only')).result).toBe('Unknown');
});

test('go-agent stop may give the job more time than the agent itself would', async () => {
  await using system = await startSystem({ agents: 0 });
  const agent = system.addAgent(['--drain-timeout', '0s']);
  await agent.start();
  const long = await longJob(system, 'long');
  const stopping = agent.go('stop', '--drain-timeout', '1h');
  await system.wait(async () => (await healthOf(agent)).agent?.state !== 'building', {
    describe: 'the agent to be told',
  });
  long.end();
  expect((await stopping).output).toContain('it ended by itself');
  expect((await system.stage('long', long.counter, 'only')).result).toBe('Passed');
});

test('a job outlives a restart, and the next agent takes it over', async () => {
  await using system = await startSystem();
  const { agent } = system;
  const long = await longJob(system, 'long');
  const before = (await healthOf(agent)).agent?.pid;
  const restarted = await agent.go('restart', '--json');
  expect(restarted.status).toBe(ExitCode.ok);
  const after = JSON.parse(restarted.output) as Health;
  expect(after.agent?.pid).not.toBe(before);
  await system.wait(async () => (await healthOf(agent)).agent?.job === long.locator, {
    describe: 'the job to be taken over',
  });
  long.end();
  await system.waitForPass('long', long.counter, 'only');
  expect(await system.console(long.job)).toContain('done');
});

test('SIGHUP reads the settings anew: what can be applied is, and what cannot is named', async () => {
  await using system = await startSystem({ agents: 0 });
  const file = join(system.folder, 'settings.env');
  writeFileSync(file, '');
  const agent = system.addAgent(['--env-file', file]);
  const running = await agent.run();
  await system.waitForIdle(agent);
  writeFileSync(file, 'GO_AGENT_DISK_LIMIT=9999999G\nGO_AGENT_CONNECT_TIMEOUT=7s\n');
  running.kill('SIGHUP');
  await system.wait(
    async () => (await healthOf(agent)).problems.join().includes('lower the setting disk-limit'),
    {
      describe: 'the new limit to count',
    },
  );
  expect((await healthOf(agent)).agent?.restartFor).toEqual(['connect-timeout']);
  writeFileSync(file, 'GO_AGENT_CONNECT_TIMEOUT=7s\n');
  running.kill('SIGHUP');
  await system.wait(async () => (await healthOf(agent)).problems.length === 0, {
    describe: 'the agent to be well',
  });
  expect((await agent.go('restart')).status).toBe(ExitCode.ok);
  expect((await healthOf(agent)).agent).not.toHaveProperty('restartFor');
});

test('orders for an agent that does not run say so and end with 3', async () => {
  await using system = await startSystem({ agents: 0 });
  const agent = system.addAgent();
  for (const name of ['drain', 'resume', 'restart', 'stop']) {
    expect(await agent.go(name)).toMatchObject({
      status: ExitCode.notRunning,
      output: expect.stringContaining('does not run in'),
    });
  }
});
