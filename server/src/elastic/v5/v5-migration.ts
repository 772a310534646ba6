// What a v5 plugin makes of its profiles when it is loaded (migrate-config; reference: server-agents-jobs-elastic 3.7). Pure.

import type { V5MigrateConfig } from '@go-agent/protocol/elastic';

type Properties = Readonly<Record<string, string>>;

/** A profile with other properties than it was sent with. */
export interface MigratedProfile {
  readonly kind: 'cluster' | 'profile';
  readonly id: string;
  readonly before: Properties;
  readonly after: Properties;
  /** Names only: values may be secret. */
  readonly changedKeys: readonly string[];
}

export interface Migration {
  readonly profiles: readonly MigratedProfile[];
  /** What is more than other properties, for people: profiles that were added, left out or moved. */
  readonly byHand: readonly string[];
}

export function readMigration(before: V5MigrateConfig, after: V5MigrateConfig): Migration {
  const clusters = compare('cluster', before.cluster_profiles, after.cluster_profiles);
  const profiles = compare('profile', before.elastic_agent_profiles, after.elastic_agent_profiles);
  const homes = new Map(before.elastic_agent_profiles.map((one) => [one.id, one.cluster_profile_id]));
  const moved = after.elastic_agent_profiles
    .filter(({ id, cluster_profile_id }) => homes.has(id) && homes.get(id) !== cluster_profile_id)
    .map(({ id, cluster_profile_id }) => `move elastic agent profile '${id}' to '${cluster_profile_id}'`);
  return {
    profiles: [...clusters.profiles, ...profiles.profiles],
    byHand: [...clusters.byHand, ...profiles.byHand, ...moved],
  };
}

/** Of a profile as it is sent: as the plugin wants it, unless it was edited since it was migrated. */
export function migrated(
  { profiles }: Migration,
  kind: MigratedProfile['kind'],
  { id, properties }: { readonly id: string; readonly properties: Properties },
): Properties {
  const known = profiles.find((one) => one.kind === kind && one.id === id);
  return known !== undefined && changedKeys(known.before, properties).length === 0 ? known.after : properties;
}

interface Profile {
  readonly id: string;
  readonly properties: Properties;
}

function compare(
  kind: MigratedProfile['kind'],
  before: readonly Profile[],
  after: readonly Profile[],
): Migration {
  const what = kind === 'cluster' ? 'cluster profile' : 'elastic agent profile';
  const old = new Map(before.map((profile) => [profile.id, profile]));
  const left = new Set(after.map(({ id }) => id));
  return {
    profiles: after.flatMap(({ id, properties }) => {
      const known = old.get(id);
      const keys = known === undefined ? [] : changedKeys(known.properties, properties);
      if (known === undefined || keys.length === 0) return [];
      return [{ kind, id, before: known.properties, after: properties, changedKeys: keys }];
    }),
    byHand: [
      ...after.filter(({ id }) => !old.has(id)).map(({ id }) => `add ${what} '${id}'`),
      ...before.filter(({ id }) => !left.has(id)).map(({ id }) => `remove ${what} '${id}'`),
    ],
  };
}

/** In whatever order they are. */
function changedKeys(one: Properties, other: Properties): string[] {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].filter((key) => one[key] !== other[key]).toSorted();
}
