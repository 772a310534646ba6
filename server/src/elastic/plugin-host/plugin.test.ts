import { createLogger, systemClock } from '@go-agent/runtime';
import { runServices } from '@go-agent/runtime/core';
import { FakeClock, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { withoutDescriptors } from '../../testing/without-descriptors.ts';
import { startPlugin } from '../testing/start-plugin.ts';
import { Plugin } from './plugin.ts';

test('a plugin that is ready answers, and what it writes for people is in the log under its id', async () => {
  await using it = await startPlugin('good');
  await waitFor(() => it.plugin.unavailable === undefined);
  expect(await it.plugin.call('assign-work', { jobs: [] }, { deadlineMs: 60_000 })).toEqual({
    decisions: [],
  });
  await waitFor(async () => (await it.log()).includes('assign-work'));
  expect(await it.log()).toContain('"plugin":"fake"');
});

test('a call that is not answered fails at its deadline, and after some of them the plugin is left alone and started anew', async () => {
  await using it = await startPlugin('silent');
  await waitFor(() => it.plugin.unavailable === undefined);
  for (let turn = 0; turn < 5; turn++)
    await expect(it.plugin.call('assign-work', {}, { deadlineMs: 20 })).rejects.toMatchObject({
      code: 'plugin-timeout',
    });
  expect(it.plugin.unavailable).toContain('not answer');
  await expect(it.plugin.call('assign-work', {}, { deadlineMs: 20 })).rejects.toMatchObject({
    code: 'plugin-unavailable',
  });
  await waitFor(() =>
    it.problems.some((problem) => problem?.startsWith('it did not answer 5 times in a row')),
  );
});

test('calls that were made at the same time count once, slow ones never, and the plugin is told that nobody waits any more', async () => {
  const clock = new FakeClock();
  await using it = await startPlugin('silent', { clock });
  await waitFor(() => it.plugin.unavailable === undefined);
  const call = () => it.plugin.call('stop-agent', {}, { deadlineMs: 20 });
  const calls = Promise.allSettled(Array.from({ length: 6 }, call));
  // A call that is called off before the plugin has come to it is none that it is told of.
  await waitFor(async () => (await it.log()).split('stop-agent {').length === 7);
  await clock.advance(20);
  const outcomes = await calls;
  expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
  for (let turn = 0; turn < 5; turn++) {
    const slow = it.plugin.call('create-agent', {}, { deadlineMs: 20, isSlow: true });
    const refused = expect(slow).rejects.toMatchObject({ code: 'plugin-timeout' });
    await clock.advance(20);
    await refused;
  }
  expect(it.plugin.unavailable).toBeUndefined();
  await waitFor(async () => (await it.log()).split('cancelled: stop-agent').length === 7);
});

test('a plugin that answers late is slow, and is neither left alone nor ended', async () => {
  const clock = new FakeClock();
  await using it = await startPlugin('late', { clock });
  await waitFor(() => it.plugin.unavailable === undefined);
  for (let turn = 1; turn <= 6; turn++) {
    const call = it.plugin.call('stop-agent', {}, { deadlineMs: 20 });
    const refused = expect(call).rejects.toMatchObject({ code: 'plugin-timeout' });
    await waitFor(async () => (await it.log()).split('stop-agent {').length === turn + 1);
    await clock.advance(20);
    await refused;
    await waitFor(async () => (await it.log()).split('answered late').length === turn + 1);
    expect(it.plugin.unavailable).toBeUndefined();
  }
  expect(await it.log()).not.toContain('in a row');
});

test('a plugin that ends in mid-call fails the call, and is started again', async () => {
  await using it = await startPlugin('crashes');
  await waitFor(() => it.plugin.unavailable === undefined);
  await expect(it.plugin.call('assign-work', {}, { deadlineMs: 60_000 })).rejects.toMatchObject({
    code: 'plugin-ended',
  });
  await waitFor(() => it.plugin.unavailable?.includes('exit code 3'));
  await waitFor(() => it.plugin.unavailable === undefined);
});

test('a plugin that writes something else to its output is ended with a message that says where that belongs', async () => {
  await using it = await startPlugin('garbage');
  await waitFor(() => it.problems.some((problem) => problem?.includes('standard error')));
});

test('a flood of requests is slowed down: the plugin has its answers, the server its peace', async () => {
  let served = 0;
  const since = systemClock.monotonic();
  await using _ = await startPlugin('flood', {
    serve: async () => {
      served++;
      return { agents: [] };
    },
  });
  await waitFor(() => served >= 500);
  await systemClock.sleep(500, new AbortController().signal);
  const seconds = (systemClock.monotonic() - since) / 1000;
  // 500 at once, and 200 in each second.
  expect(served).toBeLessThanOrEqual(500 + 200 * seconds);
});

test('a program that cannot be started is no failure of the server', async () => {
  await using it = await startPlugin('good');
  const missing = new Plugin(
    { ...it.plugin.installed, manifest: { ...it.plugin.installed.manifest, command: ['./no-such-program'] } },
    {
      clock: systemClock,
      logger: createLogger({ file: '/dev/null', name: 'test', level: 'silent' }),
      environment: {},
      serve: async () => null,
      initialize: async (plugin) => void (await plugin.call('initialize', {}, { deadlineMs: 60_000 })),
      changed: () => undefined,
      report: () => undefined,
    },
  );
  const stop = new AbortController();
  const running = runServices([missing.service], stop.signal);
  await waitFor(() => missing.unavailable?.includes('cannot be started'));
  stop.abort();
  await running;
});

test.skipIf(process.platform === 'win32')(
  'a plugin that cannot be started for want of file descriptors is started again, and is not the end of the server',
  async () => {
    const modules = {
      host: new URL('plugin.ts', import.meta.url).href,
      runtime: import.meta.resolve('@go-agent/runtime/core'),
    };
    const run = `
      const stop = new AbortController();
      const told = Promise.withResolvers();
      const logger = { child: () => logger, info() {}, error() {} };
      const manifest = { id: 'fake', command: ['true'], environment: {}, passEnvironment: [], memoryMiB: 512 };
      const plugin = new host.Plugin({ manifest, folder: '/' }, {
        clock: runtime.systemClock,
        logger,
        environment: {},
        serve: async () => null,
        initialize: async (it) => void (await it.call('initialize', {}, { deadlineMs: 60_000 })),
        changed: () => told.resolve(plugin.unavailable),
        report() {},
      });
      const running = plugin.service.run(stop.signal);
      console.log(await Promise.race([told.promise, running]));
      stop.abort();
      await running;`;
    expect(await withoutDescriptors(modules, run)).toMatch(/spawn true EMFILE; it is started again/);
  },
);
