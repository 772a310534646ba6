import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, systemClock } from '@go-agent/runtime';
import { type Clock, runServices } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { Plugin } from '../plugin-host/plugin.ts';

interface Setup {
  readonly serve?: (method: string) => Promise<unknown>;
  readonly clock?: Clock;
  readonly memoryMiB?: number;
  /** What starts the plugin, its program and its behaviour being the arguments. */
  readonly launcher?: readonly string[];
}

/** A plugin process of the given behaviour, supervised. */
export async function startPlugin(behaviour: string, setup: Setup = {}) {
  const { serve = async () => null, clock = systemClock, memoryMiB = 512, launcher = [] } = setup;
  const resources = new AsyncDisposableStack();
  const folder = resources.use(await tempDir()).path;
  const logFile = join(folder, 'server.log');
  const problems: (string | undefined)[] = [];
  const manifest = {
    id: 'fake',
    name: 'Fake',
    version: '1',
    dialect: 'rfc' as const,
    command: [...launcher, '${node}', '${plugin}/main.ts', behaviour],
    environment: {},
    passEnvironment: [],
    memoryMiB,
  };
  const plugin: Plugin = new Plugin(
    { manifest, folder: join(import.meta.dirname, 'fake-plugin') },
    {
      clock,
      logger: createLogger({ file: logFile, name: 'test', level: 'info' }),
      environment: {},
      serve,
      initialize: async (it) => void (await it.call('initialize', {}, { deadlineMs: 60_000 })),
      changed: () => undefined,
      report: (problem) => problems.push(problem),
    },
  );
  const stop = new AbortController();
  const running = runServices([plugin.service], stop.signal);
  resources.defer(async () => {
    stop.abort();
    await running;
  });
  return {
    plugin,
    problems,
    log: () => readFile(logFile, 'utf8'),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
