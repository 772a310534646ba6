import { join } from 'node:path';
import { createLogger } from '@go-agent/runtime';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { Writer } from '../../scheduler/writer.ts';
import { openSecretBox } from '../../store/secret-box.ts';
import { openStore } from '../../store/store.ts';
import { readMigration } from '../v5/v5-migration.ts';
import { keepMigrated } from './keep-migrated.ts';
import { StoredElasticProfiles } from './stored-profiles.ts';

function configuration(properties: Readonly<Record<string, string>>) {
  const ids = ['edited', 'left'];
  return {
    plugin_settings: {},
    cluster_profiles: ids.map((id) => ({ id, plugin_id: 'p', properties })),
    elastic_agent_profiles: [],
  };
}

test('a profile that is saved while its plugin migrates it stays as it was saved, and is no wish for people', async () => {
  await using folder = await tempDir();
  await using store = await openStore(join(folder.path, 'server.db'));
  const secrets = await openSecretBox(folder.path);
  const writer = new Writer(store, () => undefined);
  const stored = new StoredElasticProfiles();
  const save = (id: string, value: string) => {
    const properties = [{ key: 'old', value: secrets.seal(value), secure: true }];
    return stored.saveCluster(writer, { id, pluginId: 'p', priority: 0, properties });
  };
  await save('edited', 'A');
  await save('left', 'A');
  const migration = readMigration(configuration({ old: 'A' }), configuration({ new: 'A' }));
  const saving = save('edited', 'B');
  const reported: unknown[] = [];
  const health = { report: (message: unknown) => void reported.push(message), clear: () => undefined };
  const logger = createLogger({ file: join(folder.path, 'log'), name: 'test', level: 'info' });
  const scheduler = { writer, secrets, logger, health } as unknown as Parameters<
    typeof keepMigrated
  >[0]['scheduler'];
  await keepMigrated(
    { scheduler, stored, fileOf: () => undefined, reload: async () => undefined },
    { pluginId: 'p', clusterFields: [], profileFields: [] },
    migration,
  );
  await saving;
  const clear = stored.current.clusters.map(({ id, properties }) => [
    id,
    ...properties.map(({ key, value }) => `${key}=${secrets.open(value)}`),
  ]);
  expect(clear).toEqual([
    ['edited', 'old=B'],
    ['left', 'new=A'],
  ]);
  expect(reported).toEqual([]);
});
