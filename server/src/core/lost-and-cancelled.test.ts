import { setImmediate } from 'node:timers/promises';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { CoreOptions, ServerCore } from '../core.ts';
import { asBuildWork, CoreFixture, NOT_HELD, runtimeInfo, type TestAgent } from './core-fixture.ts';

const ONE_JOB = `
pipelines:
  app:
    group: g
    materials: {code: {git: REPOSITORY, branch: main}}
    stages:
      - build:
          approval: manual
          jobs:
            compile: {timeout: 5, tasks: [{exec: {command: make}}]}
`;

/** A started job, and the agent that has it. */
async function withRunningJob(options: Partial<CoreOptions> = {}) {
  const fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', ONE_JOB);
  await fixture.start(options);
  const agent = await fixture.agent('a1');
  const held = fixture.work(agent, { waitMs: 30_000, signal: new AbortController().signal });
  await fixture.core.pipelines.trigger('app', { approver: 'ann' });
  const job = asBuildWork(await held).assignment.jobIdentifier;
  await fixture.core.work.reportState(agent.info, job, 'Building');
  return { fixture, agent, job };
}

function busy({ info }: TestAgent): TestAgent['info'] {
  return runtimeInfo(info.identifier.uuid, info.cookie ?? '', 'app/1/build/1/compile');
}

/** Runs the core's own activities while `act` goes on. */
async function whileRunning(core: ServerCore, act: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const running = runServices(core.services, stop.signal);
  try {
    await act();
  } finally {
    stop.abort();
    await running;
  }
}

test('cancelling a stage wakes the held ping of its agent at once, and late reports change nothing', async () => {
  const { fixture, agent, job } = await withRunningJob();
  await using _ = fixture;
  const { core } = fixture;
  const ping = core.agents.ping(busy(agent), { waitMs: 5000, signal: new AbortController().signal });

  expect(await core.pipelines.cancelStage('app', 1, 'build', 1, 'bob')).toMatchObject({ type: 'ok' });

  expect(await ping).toBe('CANCEL');
  expect(await core.work.isIgnored(agent.info, job)).toBe(true);
  await core.work.reportCompleted(busy(agent), job, 'Passed');
  expect(await core.pipelines.stage('app', 1, 'build', 1)).toMatchObject({
    state: 'cancelled',
    cancelledBy: 'bob',
  });
  expect(await fixture.job('app', 'build', 'compile')).toMatchObject({
    state: 'completed',
    result: 'cancelled',
  });
  expect(fixture.sealed).toEqual([job.buildId]);
  expect(await core.agents.ping(agent.info, { waitMs: 0, signal: new AbortController().signal })).toBe(
    'NONE',
  );
});

test('the same report twice is accepted and counts once', async () => {
  const { fixture, agent, job } = await withRunningJob();
  await using _ = fixture;
  for (let turn = 0; turn < 2; turn++) await fixture.core.work.reportCompleted(agent.info, job, 'Passed');
  await fixture.core.work.reportState(agent.info, job, 'Preparing');
  const view = await fixture.core.pipelines.job(job.buildId);
  expect(view?.transitions.map(({ state }) => state)).toEqual([
    'scheduled',
    'assigned',
    'building',
    'completing',
    'completed',
  ]);
});

test('a report of an agent that does not have the job is an error, and so is an old cookie', async () => {
  const { fixture, agent, job } = await withRunningJob();
  await using _ = fixture;
  const other = await fixture.agent('a2');
  await expect(fixture.core.work.reportCompleted(other.info, job, 'Passed')).rejects.toMatchObject({
    code: 'job-not-yours',
  });
  await fixture.core.agents.newCookie('a1');
  await expect(fixture.core.work.reportCompleted(agent.info, job, 'Passed')).rejects.toMatchObject({
    code: 'agent-cookie',
  });
  expect(fixture.core.health()).toMatchObject([{ scope: 'agent/a1/duplicate' }]);
});

test('an agent that asks for work while a job is recorded on it gets a copy of that job, and the old one is ignored', async () => {
  const { fixture, agent, job } = await withRunningJob();
  await using _ = fixture;
  const copy = asBuildWork(await fixture.work(agent)).assignment.jobIdentifier;
  expect(copy).toEqual({ ...job, buildId: copy.buildId });
  expect(copy.buildId).not.toBe(job.buildId);
  expect(await fixture.core.work.isIgnored(agent.info, job)).toBe(true);
  expect(await fixture.core.work.isIgnored(agent.info, copy)).toBe(false);
  await fixture.core.work.reportCompleted(agent.info, job, 'Failed');
  expect(await fixture.job('app', 'build', 'compile')).toMatchObject({
    jobId: copy.buildId,
    state: 'assigned',
  });
});

test('the job of an agent that is silent for too long goes to another, and the lost agent is told to stop when it is back', async () => {
  const { fixture, agent } = await withRunningJob({ lostContactMs: 120_000 });
  await using _ = fixture;
  const { core, clock } = fixture;
  const second = await fixture.agent('a2');
  await whileRunning(core, async () => {
    await clock.advance(100_000);
    await core.agents.ping(second.info, { waitMs: 0, signal: new AbortController().signal });
    expect(await fixture.job('app', 'build', 'compile')).toMatchObject({ state: 'building' });
    await clock.advance(30_000);
    await waitFor(async () => (await fixture.job('app', 'build', 'compile'))?.state === 'scheduled');
  });
  expect(await core.agents.get('a1')).toMatchObject({ state: 'lost-contact' });
  await fixture.runJob(second);
  expect(await core.pipelines.stage('app', 1, 'build', 1)).toMatchObject({ state: 'passed' });
  expect(await core.agents.ping(busy(agent), { waitMs: 0, signal: new AbortController().signal })).toBe(
    'CANCEL',
  );
});

test('a restart in mid-job changes nothing for its agent, and the agent has its whole time to be heard of again', async () => {
  const { fixture, agent, job } = await withRunningJob({ lostContactMs: 120_000 });
  await using _ = fixture;
  await fixture.clock.advance(1_000_000);
  const core = await fixture.restart({ lostContactMs: 120_000 });
  expect(await core.agents.get('a1')).toMatchObject({ state: 'missing' });
  await whileRunning(core, () => fixture.clock.advance(100_000));
  expect(await fixture.job('app', 'build', 'compile')).toMatchObject({
    jobId: job.buildId,
    state: 'building',
  });
  await core.work.reportCompleted(busy(agent), job, 'Passed');
  expect(await core.pipelines.stage('app', 1, 'build', 1)).toMatchObject({ state: 'passed' });
});

test('a job that was cancelled just before a restart is still stopped after it', async () => {
  const { fixture, agent } = await withRunningJob();
  await using _ = fixture;
  await fixture.core.pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  const core = await fixture.restart();
  expect(await core.agents.ping(busy(agent), { waitMs: 0, signal: new AbortController().signal })).toBe(
    'CANCEL',
  );
});

test('a job without console output for longer than its timeout is cancelled, and its console says why', async () => {
  const { fixture, job } = await withRunningJob({ lostContactMs: 10_000_000 });
  await using _ = fixture;
  const { core, clock } = fixture;
  await whileRunning(core, async () => {
    await clock.advance(200_000);
    core.work.noteConsoleActivity(job.buildId);
    await clock.advance(200_000);
    expect(await fixture.job('app', 'build', 'compile')).toMatchObject({ state: 'building' });
    await clock.advance(102_000);
    await waitFor(() => fixture.notes.length > 0);
  });
  expect(await fixture.job('app', 'build', 'compile')).toMatchObject({ result: 'cancelled' });
  expect(fixture.notes).toEqual([expect.stringContaining('more than 5 minute(s)')]);
});

test('a job that was given to a request whose client is gone goes back into the queue', async () => {
  await using fixture = await CoreFixture.make();
  await fixture.pipelineFile('app.gocd.yaml', ONE_JOB);
  const core = await fixture.start();
  const [gone, there] = [await fixture.agent('a1'), await fixture.agent('a2')];
  const client = new AbortController();
  const first = fixture.work(gone, { waitMs: 30_000, signal: client.signal });
  using _ = core.events.subscribe((event) => {
    if (event.type === 'job-changed' && event.job.state === 'assigned' && event.job.agentUuid === 'a1')
      client.abort();
  });
  await core.pipelines.trigger('app', { approver: 'ann' });
  expect(await first).toEqual({ type: 'NoWork' });
  expect(asBuildWork(await fixture.work(there)).assignment.jobIdentifier.buildName).toBe('compile');
});

test('a disabled agent is denied work, also while it waits, and its running job goes on', async () => {
  const { fixture, agent, job } = await withRunningJob();
  await using _ = fixture;
  const { core } = fixture;
  const waiting = await fixture.agent('a2');
  const held = fixture.work(waiting, { waitMs: 30_000, signal: new AbortController().signal });
  await core.agents.update('a2', { configState: 'disabled' });
  await core.agents.update('a1', { configState: 'disabled' });
  expect(await held).toEqual({ type: 'DeniedAgentWork', uuid: 'a2' });
  await core.work.reportCompleted(agent.info, job, 'Passed');
  expect(await fixture.job('app', 'build', 'compile')).toMatchObject({ result: 'passed' });
});

test('an agent that has heard CANCEL is held until it is to kill, and hears that at once', async () => {
  const { fixture, agent } = await withRunningJob();
  await using _ = fixture;
  const { agents, pipelines } = fixture.core;
  const hold = { waitMs: 5000, signal: new AbortController().signal };
  expect(await agents.killRunningTasks('a1')).toMatchObject({ type: 'conflict' });
  await pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  expect(await agents.ping(busy(agent), hold)).toBe('CANCEL');
  expect(await agents.ping(busy(agent), hold)).toBe('CANCEL');
  const cancelling = { ...busy(agent), runtimeStatus: 'Cancelled' } as const;
  const held = agents.ping(cancelling, hold);
  expect(await Promise.race([held, setImmediate('held')])).toBe('held');

  expect(await agents.killRunningTasks('a1')).toMatchObject({ type: 'ok' });
  expect(await held).toBe('KILL_RUNNING_TASKS');
  expect(await agents.killRunningTasks('a1')).toMatchObject({ type: 'conflict' });
  const again = agents.ping(cancelling, hold);
  expect(await Promise.race([again, setImmediate('held')])).toBe('held');
  await fixture.clock.advance(5000);
  expect(await again).toBe('KILL_RUNNING_TASKS');
});

test('a request to kill ends with its job, and an answer that its agent never got is given again at once', async () => {
  const { fixture, agent } = await withRunningJob();
  await using _ = fixture;
  const { agents, pipelines } = fixture.core;
  await agents.ping(busy(agent), NOT_HELD);
  await pipelines.cancelStage('app', 1, 'build', 1, 'bob');
  expect(await agents.killRunningTasks('a1')).toMatchObject({ type: 'ok' });
  const gone = AbortSignal.abort();
  const cancelling = { ...busy(agent), runtimeStatus: 'Cancelled' } as const;
  await agents.ping(cancelling, { waitMs: 5000, signal: gone });
  const hold = { waitMs: 5000, signal: new AbortController().signal };
  expect(await agents.ping(cancelling, hold)).toBe('KILL_RUNNING_TASKS');
  const held = agents.ping(cancelling, hold);
  await setImmediate();
  await agents.ping(agent.info, NOT_HELD);
  expect(await held).toBe('NONE');
  expect(await agents.killRunningTasks('a1')).toMatchObject({ type: 'conflict' });
});
