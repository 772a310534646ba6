import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger } from '@go-agent/runtime';
import { runServices } from '@go-agent/runtime/core';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../domain/elastic-profile.ts';
import { Plugin } from '../plugin-host/plugin.ts';
import { V5Assigner } from './v5-assigner.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin');
const PING = 'cd.go.elastic-agent.server-ping';
const MINUTE = 60_000;

function jobOf(jobId: number) {
  return {
    jobId,
    attempt: 1,
    pipelineName: 'web',
    pipelineCounter: 1,
    pipelineLabel: '1',
    stageName: 'test',
    stageCounter: 1,
    jobName: `unit-${jobId}`,
    queuedAt: 1,
    profile: { id: 'small', properties: {}, policy: DEFAULT_POLICY },
  };
}

function agentOf(agentId: string) {
  const runtime = { state: 'idle' as const, enabled: true, environments: [], jobsDone: 0 };
  return { agentId, uuid: agentId, clusterId: 'cloud', profileId: 'small', ...runtime };
}

function question(jobIds: readonly number[]) {
  const counts = { waitingCount: jobIds.length, startingCount: 0 };
  return { cluster: { id: 'cloud', properties: {} }, jobs: jobIds.map(jobOf), agents: [], ...counts };
}

/** A plugin process of the given behaviour that is asked for agents, on a clock that stands still. */
async function open(behaviour: string) {
  const resources = new AsyncDisposableStack();
  const clock = new FakeClock();
  const logFile = join(resources.use(await tempDir()).path, 'server.log');
  const logger = createLogger({ file: logFile, name: 'test', level: 'info' });
  const manifest = {
    id: 'fake',
    name: 'Fake',
    version: '1',
    dialect: 'v5' as const,
    command: ['${node}', '${plugin}/main.ts', behaviour],
    environment: {},
    passEnvironment: [],
    memoryMiB: 512,
  };
  const plugin = new Plugin(
    { manifest, folder: FAKE },
    {
      clock,
      logger,
      environment: { PATH: process.env['PATH'] },
      serve: async () => null,
      initialize: async () => undefined,
      changed: () => undefined,
      report: () => undefined,
    },
  );
  const keys: string[] = [];
  /** Keys that are void. */
  const revoked: string[] = [];
  const assigner = new V5Assigner({
    plugin,
    clock,
    logger,
    creating: plugin.lane(5, 1000),
    createKey: async ({ jobId }) => {
      const key = `key-${keys.length + 1}-of-${jobId}`;
      keys.push(key);
      return {
        type: 'created',
        key,
        expiresAt: 1,
        serverUrl: 'x',
        autoRegisterProperties: {},
        environmentVariables: {},
      };
    },
    revoke: async (key) => {
      revoked.push(key);
      return keys.filter((other) => other.endsWith(key.slice(-5))).length === 1;
    },
  });
  const stop = new AbortController();
  const running = runServices([plugin.service], stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  await waitFor(() => plugin.unavailable === undefined);
  return {
    plugin,
    clock,
    keys,
    revoked,
    assign: (...jobIds: number[]) => assigner.assignWork(question(jobIds)),
    /** While these agents are free. */
    assignTo: (agentIds: string[], ...jobIds: number[]) =>
      assigner.assignWork({ ...question(jobIds), agents: agentIds.map(agentOf) }),
    /** The plugin has been asked for so many agents. */
    asked: (count: number) =>
      waitFor(async () => (await readFile(logFile, 'utf8')).split('.create-agent {').length === count + 1),
    log: () => readFile(logFile, 'utf8'),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test('a plugin that pulls an image for minutes is neither ended nor asked again, and its keys stay good', async () => {
  await using it = await open('v5-pulls');
  await it.assign(1, 2, 3, 4, 5);
  await it.asked(5);
  await it.clock.advance(5 * MINUTE);
  await it.assign(1, 2, 3, 4, 5);
  expect(it.keys).toHaveLength(5);
  await it.plugin.call(PING, {}, { deadlineMs: 1000 });
  // From the answer on, the agents have their time to register.
  await waitFor(async () => {
    // Little: however long the answer takes, `start_timeout` is not over.
    await it.clock.advance(1);
    const [decision] = await it.assign(5);
    return decision?.action === 'hold' && decision.askAgainMs !== 2 * MINUTE;
  });
  expect(it.keys).toHaveLength(5);
  expect(it.revoked).toEqual([]);
  expect(await it.log()).not.toContain('did not answer');
});

test('what is not answered until start_timeout may still become an agent: its key stays good, and the plugin is asked again', async () => {
  await using it = await open('v5-pulls');
  await it.assign(1, 2, 3, 4, 5);
  await it.asked(5);
  await it.clock.advance(DEFAULT_POLICY.startTimeoutMs);
  await it.assign(1, 2, 3, 4, 5);
  await it.asked(10);
  expect(it.plugin.unavailable).toBeUndefined();
  expect(it.revoked).toEqual([]);
});

test('a plugin that ends in mid-request may have made the agents; keys that it was not sent are void', async () => {
  await using it = await open('v5-crashes');
  await it.assign(1, 2, 3, 4, 5, 6, 7);
  await waitFor(() => it.plugin.unavailable?.includes('exit code 3'));
  await waitFor(() => it.revoked.length > 0);
  expect(it.revoked).toEqual(['key-6-of-6', 'key-7-of-7']);
  expect(await it.assign(1)).toMatchObject([
    { action: 'hold', reason: expect.stringContaining('exit code 3'), askAgainMs: 2 * MINUTE },
  ]);
});

test('a refusal makes that key void, and only that: while another is out, the plugin has its two minutes', async () => {
  await using it = await open('v5-refuses');
  await it.assign(1);
  await waitFor(() => it.revoked.length === 1);
  await waitFor(async () => (await it.assign(1)) !== undefined && it.keys.length === 2);
  await waitFor(() => it.revoked.length === 2);
  expect(it.revoked).toEqual(['key-1-of-1', 'key-2-of-1']);
  expect(await it.assign(1)).toMatchObject([
    { action: 'hold', reason: expect.stringContaining('The quota is used up'), askAgainMs: 2 * MINUTE },
  ]);
});

test('a plugin that fails over one job keeps no other from the agents that it takes, and the failure is told of that one job', async () => {
  await using it = await open('v5-stumbles');
  expect(await it.assignTo(['a1', 'a2'], 13, 2)).toMatchObject([
    {
      action: 'hold',
      jobId: 13,
      reason: expect.stringContaining('NullPointerException'),
      askAgainMs: 10_000,
    },
    { action: 'assign', jobId: 2, agentId: 'a1' },
  ]);
  expect(it.keys).toEqual(['key-1-of-13']);
  // Again and again: later and later.
  expect(await it.assignTo(['a1'], 13)).toMatchObject([{ askAgainMs: 20_000 }]);
  expect(await it.assignTo(['a1'], 13)).toMatchObject([{ askAgainMs: 40_000 }]);
});

test('a plugin that ends while it is asked about a job keeps what it has said about those before', async () => {
  await using it = await open('v5-stumbles');
  expect(await it.assignTo(['a1', 'a2'], 2, 14, 3)).toMatchObject([
    { action: 'assign', jobId: 2, agentId: 'a1' },
    { action: 'decline', jobId: 14, reason: expect.stringContaining('exit code 3') },
    { action: 'decline', jobId: 3 },
  ]);
  expect(it.keys).toEqual([]);
});

test('a plugin that does not answer about one job is not asked about the others of that round, and holds its cluster up once', async () => {
  await using it = await open('late');
  const asked = async () => (await it.log()).split('.should-assign-work {').length - 1;
  const answer = it.assignTo(['a1', 'a2'], 1, 2, 3, 4);
  await waitFor(async () => (await asked()) === 1);
  await it.clock.advance(5000);
  const declined = (jobId: number) => ({
    action: 'decline',
    jobId,
    reason: expect.stringContaining('no answer') as string,
  });
  expect(await answer).toMatchObject([1, 2, 3, 4].map(declined));
  expect(await asked()).toBe(1);
  expect(it.keys).toEqual([]);
});
