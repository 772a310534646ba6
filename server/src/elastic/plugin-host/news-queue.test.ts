import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, systemClock } from '@go-agent/runtime';
import { runServices } from '@go-agent/runtime/core';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { NewsQueue } from './news-queue.ts';
import { Plugin } from './plugin.ts';
import { RfcProvider } from './rfc-provider.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin');

/** A plugin that is away until it is started, and what there is to be told it. */
async function open(behaviour = 'good') {
  const resources = new AsyncDisposableStack();
  const logFile = join(resources.use(await tempDir()).path, 'server.log');
  const logger = createLogger({ file: logFile, name: 'test', level: 'info' });
  const manifest = {
    id: 'fake',
    name: 'Fake',
    version: '1',
    dialect: 'rfc' as const,
    command: ['${node}', '${plugin}/main.ts', behaviour],
    environment: {},
    passEnvironment: [],
    memoryMiB: 512,
  };
  const plugin: Plugin = new Plugin(
    { manifest, folder: FAKE },
    {
      clock: systemClock,
      logger,
      environment: { PATH: process.env['PATH'] },
      serve: async () => null,
      initialize: async (it) => void (await it.call('initialize', {}, { deadlineMs: 60_000 })),
      changed: () => undefined,
      report: () => undefined,
    },
  );
  const queue = new NewsQueue(plugin, logger);
  const provider = new RfcProvider(plugin, logger);
  const log = () => readFile(logFile, 'utf8');
  return {
    provider,
    log,
    tell: (method: string, number: number, isKept = true) =>
      queue.tell({ method, isKept, send: () => plugin.call(method, { number }, { deadlineMs: 60_000 }) }),
    start: () => {
      const stop = new AbortController();
      const running = runServices([plugin.service], stop.signal);
      resources.defer(async () => {
        stop.abort();
        await running;
      });
    },
    /** What it was told, in order. */
    heard: async () =>
      [...(await log()).matchAll(/job-finished \{\\"number\\":(\d+)/g)].map(([, n]) => Number(n)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test('a plugin that was away is told of everything in its order once it is back, and of nothing that is old by then', async () => {
  await using it = await open();
  it.tell('job-finished', 1);
  it.tell('tick', 2, false);
  it.tell('job-finished', 3);
  it.start();
  await waitFor(async () => (await it.heard()).length === 2);
  it.tell('job-finished', 4);
  await waitFor(async () => (await it.heard()).length === 3);
  expect(await it.heard()).toEqual([1, 3, 4]);
  expect(await it.log()).not.toContain('"msg":"tick');
});

test('what becomes of an agent while its plugin is away is told when the plugin is back', async () => {
  await using it = await open();
  const params = { clusterId: 'cloud', agentId: 'm-1', event: 'gone', at: 1 } as const;
  it.provider.tell({ type: 'agent-event', params });
  it.start();
  await waitFor(async () => (await it.log()).includes('agent-event {'));
});

test('of more news than a plugin may miss the rest is dropped, and the log says so', async () => {
  await using it = await open();
  for (let number = 1; number <= 1010; number++) it.tell('job-finished', number);
  expect(await it.log()).toContain('from now on it is dropped');
  it.start();
  await waitFor(async () => (await it.log()).includes('"dropped":10'));
  expect((await it.heard()).at(-1)).toBe(1000);
});

test('news that ends the plugin each time is given up, and what comes after it is told', async () => {
  await using it = await open('dies-of-news');
  it.tell('job-finished', 13);
  it.tell('job-finished', 1);
  it.start();
  await waitFor(async () => (await it.heard()).includes(1));
  expect(await it.heard()).toEqual([13, 13, 1]);
});

test('news that is old once the plugin is back takes none of the tries of the news after it', async () => {
  await using it = await open('dies-of-news');
  it.start();
  await waitFor(() => it.provider.unavailable === undefined);
  it.tell('tick', 13, false);
  it.tell('job-finished', 13);
  it.tell('job-finished', 1);
  await waitFor(async () => (await it.heard()).includes(1));
  expect(await it.heard()).toEqual([13, 13, 1]);
});
