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
    const dialect = command.at(-1)?.startsWith('v5') === true ? 'v5' : 'rfc';
    const manifest = { id, name: id, version: '1', dialect, command };
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
    /** It was made through the API. @param seal undefined: the key of the server is another now */
    stored: async (id: string, pluginId: string, key: string, seal?: string) => {
      const cloud = new ScriptedCloud();
      await fixture.start({}, cloud.source);
      const { store, secrets } = cloud.broker.context.scheduler;
      const value = seal === undefined ? 'sealed:v1:x' : secrets.seal(seal);
      const properties = [{ key, value, secure: true }];
      await store.write(({ elasticProfiles }) =>
        elasticProfiles.saveCluster({ id, pluginId, properties, priority: 0 }),
      );
      return (sealed: string) => secrets.open(sealed);
    },
    file: (text: string) => fixture.pipelineFile('more.gocd.yaml', text),
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
  await it.stored('broken', 'shared', 'token');
  await it.start();
  await waitFor(() => it.ready().includes('shared'));
  expect(it.core().health()).toMatchObject([
    { scope: 'cluster-profile/broken', level: 'error', message: "Cluster profile 'broken' cannot be used" },
  ]);
});

test('profiles that a v5 plugin migrates: those of the API are stored so, secrets as secrets; those of files are named in a health message', async () => {
  await using it = await open({ migrates: ['${node}', FAKE, 'v5-migrates'] });
  const reveal = await it.stored('stored', 'migrates', 'old', 'the secret');
  await it.file(`
cluster_profiles: {filed: {plugin_id: migrates, properties: {old: of a file}}}
elastic_profiles: {small: {cluster_profile_id: filed, properties: {old: '1'}}}
`);
  await it.start();
  await waitFor(() => it.ready().includes('migrates'));
  const stored = it
    .core()
    .elastic.clusters()
    .find(({ value }) => value.id === 'stored');
  expect(stored?.value.properties).toMatchObject([{ key: 'new', secure: true }]);
  expect(reveal(stored?.value.properties[0]?.value ?? '')).toBe('the secret');
  const [message] = it.core().health();
  expect(message).toMatchObject({ scope: 'plugin/migrates/migration', level: 'warning' });
  expect(message?.detail).toContain(
    "in more.gocd.yaml edit new, old of cluster profile 'filed'; in more.gocd.yaml edit new, old of elastic agent profile 'small'",
  );
  expect(message?.detail).not.toContain('of a file');
});
