import { expect, test } from 'vitest';
import { migrated, readMigration } from './v5-migration.ts';

const CLUSTER = { id: 'k8s', plugin_id: 'p', properties: { url: 'u', namespace: 'ci' } };
const PROFILE = { id: 'small', plugin_id: 'p', cluster_profile_id: 'k8s', properties: { Yaml: 'true' } };
const BEFORE = { plugin_settings: {}, cluster_profiles: [CLUSTER], elastic_agent_profiles: [PROFILE] };

test('another order of keys is no change', () => {
  const properties = { namespace: 'ci', url: 'u' };
  const after = { ...BEFORE, cluster_profiles: [{ ...CLUSTER, properties }] };
  expect(readMigration(BEFORE, after)).toEqual({ profiles: [], byHand: [] });
});

test('a migrated elastic agent profile is known by the keys that have changed, and sent so until it is edited', () => {
  const properties = { PodSpecType: 'yaml' };
  const migration = readMigration(BEFORE, {
    ...BEFORE,
    elastic_agent_profiles: [{ ...PROFILE, properties }],
  });
  expect(migration.profiles).toMatchObject([
    { kind: 'profile', id: 'small', changedKeys: ['PodSpecType', 'Yaml'] },
  ]);
  expect(migrated(migration, 'profile', PROFILE)).toEqual(properties);
  const edited = { id: 'small', properties: { Yaml: 'false' } };
  expect(migrated(migration, 'profile', edited)).toEqual(edited.properties);
});

test('profiles that a plugin adds, leaves out or moves are told of', () => {
  const moved = { ...PROFILE, cluster_profile_id: 'new' };
  const after = {
    ...BEFORE,
    cluster_profiles: [{ ...CLUSTER, id: 'new' }],
    elastic_agent_profiles: [moved],
  };
  expect(readMigration(BEFORE, after)).toEqual({
    profiles: [],
    byHand: [
      "add cluster profile 'new'",
      "remove cluster profile 'k8s'",
      "move elastic agent profile 'small' to 'new'",
    ],
  });
});
