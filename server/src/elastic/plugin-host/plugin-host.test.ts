import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runServices } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from '../../core/core-fixture.ts';
import { ScriptedCloud } from '../testing/scripted-cloud.ts';

const FAKE = join(import.meta.dirname, '..', 'testing', 'fake-plugin', 'main.ts');
const CLUSTERS = `
format_version: 11
cluster_profiles: {NAME: {plugin_id: PLUGIN}}
`;

const GOOD = ['${node}', FAKE, 'good'];

/** A core with plugins by their commands; clusters come by files. */
async function open(commands: Readonly<Record<string, readonly string[]>>) {
  const resources = new AsyncDisposableStack();
  const fixture = resources.use(await CoreFixture.make());
  const plugins = join(fixture.folder, 'plugins');
  for (const [id, command] of Object.entries(commands)) {
    await mkdir(join(plugins, id), { recursive: true });
    const manifest = { id, name: id, version: '1', dialect: 'rfc', command };
    await writeFile(join(plugins, id, 'plugin.json'), JSON.stringify(manifest));
  }
  let stop = new AbortController();
  let running: Promise<void> = Promise.resolve();
  const run = () => {
    stop = new AbortController();
    running = runServices(fixture.core.services, stop.signal);
  };
  const end = async () => {
    stop.abort();
    await running;
  };
  resources.defer(end);
  const options = { pluginFolders: [plugins], environment: { PATH: process.env['PATH'] } };
  return {
    core: () => fixture.core,
    start: async () => {
      await fixture.restart(options);
      run();
    },
    cluster: (plugin: string) =>
      fixture.pipelineFile(`${plugin}.gocd.yaml`, CLUSTERS.replace('NAME', plugin).replace('PLUGIN', plugin)),
    /** It was made through the API, and the key of the server is another now. */
    unreadable: async (id: string, pluginId: string) => {
      const cloud = new ScriptedCloud();
      await fixture.start({}, cloud.source);
      const properties = [{ key: 'token', value: 'sealed:v1:x', secure: true }];
      await cloud.broker.context.scheduler.store.write(({ elasticProfiles }) =>
        elasticProfiles.saveCluster({ id, pluginId, properties, priority: 0 }),
      );
    },
    look: () => fixture.clock.advance(5000),
    /** A process gets a data folder with its first message. */
    wasStarted: (id: string) => existsSync(join(fixture.folder, 'data', 'plugins', id)),
    /** Ids of plugins that can be asked. */
    ready: () =>
      fixture.core.elastic
        .plugins()
        .filter(({ isUsed, unavailable }) => isUsed && unavailable === undefined)
        .map(({ id }) => id),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

test('only plugins that a cluster profile names are started', async () => {
  await using it = await open({ used: GOOD, unused: GOOD });
  await it.cluster('used');
  await it.start();
  await waitFor(() => it.ready().includes('used'));
  expect(it.core().elastic.plugins()).toMatchObject([
    { id: 'unused', isUsed: false },
    { id: 'used', isUsed: true },
  ]);
  expect([it.wasStarted('used'), it.wasStarted('unused')]).toEqual([true, false]);
});

test('a plugin starts as soon as a file has a cluster profile of it', async () => {
  await using it = await open({ late: GOOD });
  await it.start();
  expect(it.core().elastic.plugins()).toMatchObject([{ id: 'late', isUsed: false }]);
  expect(it.wasStarted('late')).toBe(false);
  await it.cluster('late');
  await waitFor(async () => {
    await it.look();
    return it.core().elastic.plugins()[0]?.isUsed;
  });
  await waitFor(() => it.ready().includes('late'));
});

test('a profile that is sent for a plugin that is not running is checked by it', async () => {
  await using it = await open({ asked: GOOD });
  await it.start();
  const draft = { id: 'c1', pluginId: 'asked', priority: 0, properties: [] };
  // This plugin's answer to `validate` is no answer; had it not been asked, it would be that it is not running.
  expect(await it.core().elastic.saveCluster(draft, 'create')).toMatchObject({
    type: 'invalid',
    problems: [{ message: expect.stringContaining('validate') as string }],
  });
  expect(it.ready()).toEqual(['asked']);
});

test('a plugin that cannot be started answers a question with its trouble', async () => {
  await using it = await open({ broken: ['./nothing'] });
  await it.start();
  expect(await it.core().elastic.plugin('nobody')).toBeUndefined();
  expect(await it.core().elastic.plugin('broken')).toMatchObject({
    isUsed: true,
    unavailable: expect.stringContaining('is not running') as string,
  });
});

test('a cluster whose secrets cannot be opened is left out, with a health message; its plugin has its other clusters', async () => {
  await using it = await open({ shared: GOOD });
  await it.cluster('shared');
  await it.unreadable('broken', 'shared');
  await it.start();
  await waitFor(() => it.ready().includes('shared'));
  expect(it.core().health()).toMatchObject([
    { scope: 'cluster-profile/broken', level: 'error', message: "Cluster profile 'broken' cannot be used" },
  ]);
});
