// What a v5 plugin has made of its profiles at its load: those of the API are stored so, those of files are for people to edit.

import { isDeepStrictEqual } from 'node:util';
import type { ClusterProfile, ElasticAgentProfile, ElasticProperty } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import { propertiesOf } from '../broker/elastic-shapes.ts';
import type { ConfiguredProvider } from '../plugin-host/configured-provider.ts';
import type { MigratedProfile, Migration } from '../v5/v5-migration.ts';
import type { StoredElasticProfiles } from './stored-profiles.ts';

export interface KeepMigratedParts {
  readonly scheduler: Pick<SchedulerContext, 'writer' | 'secrets' | 'health' | 'logger'>;
  readonly stored: StoredElasticProfiles;
  /** The pipeline file that a profile is in. */
  fileOf(kind: MigratedProfile['kind'], id: string): string | undefined;
  /** Takes stored profiles into force. */
  reload(): Promise<void>;
}

type Fields = Pick<ConfiguredProvider, 'pluginId' | 'clusterFields' | 'profileFields'>;

export async function keepMigrated(
  { scheduler, stored, fileOf, reload }: KeepMigratedParts,
  plugin: Fields,
  { profiles, byHand }: Migration,
): Promise<void> {
  const { writer, secrets, health, logger } = scheduler;
  const of = (kind: MigratedProfile['kind'], id: string) =>
    profiles.find((one) => one.kind === kind && one.id === id);
  /** Whoever saved one while the plugin thought about it is not overruled. */
  const edited = new Set<MigratedProfile>();
  const renew = <T extends ClusterProfile | ElasticAgentProfile>(
    kind: MigratedProfile['kind'],
    all: readonly T[],
  ) =>
    all.flatMap((value): T[] => {
      const change = of(kind, value.id);
      if (change === undefined) return [];
      if (!isAsAsked(value.properties, change, secrets)) {
        edited.add(change);
        return [];
      }
      const fields = kind === 'cluster' ? plugin.clusterFields : plugin.profileFields;
      return [{ ...value, properties: sealedAs(value.properties, change, fields, secrets) }];
    });
  const isStoredAny =
    profiles.length > 0 && stored.current.clusters.length + stored.current.profiles.length > 0;
  const { clusters, profiles: renewed } = isStoredAny
    ? await stored.renew(writer, (now) => ({
        clusters: renew('cluster', now.clusters),
        profiles: renew('profile', now.profiles),
      }))
    : { clusters: [], profiles: [] };
  if (edited.size > 0)
    logger.info(
      { plugin: plugin.pluginId, ids: [...edited].map(({ id }) => id) },
      'Profiles were edited while an elastic plugin migrated them (migrate-config): they stay as edited until it is started again',
    );
  if (clusters.length + renewed.length > 0) {
    const ids = [...clusters, ...renewed].map(({ id }) => id);
    logger.info({ plugin: plugin.pluginId, ids }, 'An elastic plugin has migrated profiles (migrate-config)');
    await reload();
  }
  const isStored = (change: MigratedProfile) => {
    const { kind, id } = change;
    return edited.has(change) || (kind === 'cluster' ? clusters : renewed).some((value) => value.id === id);
  };
  const wishes = [
    ...profiles
      .filter((change) => !isStored(change))
      .map((change) => wishOf(change, fileOf(change.kind, change.id))),
    ...byHand,
  ];
  const scope = `plugin/${plugin.pluginId}/migration`;
  if (wishes.length === 0) return health.clear(scope);
  health.report({
    scope,
    level: 'warning',
    message: `Plugin ${plugin.pluginId} wants other profiles than there are (migrate-config)`,
    detail: `${wishes.join('; ')}. Until then it is told of profiles with properties as it wants them as long as this server runs; whatever else it wants is not done. It is asked again when it is started.`,
  });
}

/** Names only: values may be secret. */
function wishOf({ kind, id, changedKeys }: MigratedProfile, file: string | undefined): string {
  const what = kind === 'cluster' ? 'cluster profile' : 'elastic agent profile';
  return `in ${file ?? 'its pipeline file'} edit ${changedKeys.join(', ')} of ${what} '${id}'`;
}

function isAsAsked(
  properties: readonly ElasticProperty[],
  { before }: MigratedProfile,
  secrets: { open(sealed: string): string },
): boolean {
  return isDeepStrictEqual(propertiesOf(properties, secrets), before);
}

function sealedAs(
  before: readonly ElasticProperty[],
  { before: clear, after, changedKeys }: MigratedProfile,
  fields: Fields['clusterFields'],
  secrets: { seal(plain: string): string },
): ElasticProperty[] {
  const old = new Map(before.map((property) => [property.key, property]));
  const secret = new Set(fields.filter((field) => field.secret).map(({ key }) => key));
  // One that was given another name stays one.
  const values = new Set(before.filter(({ secure }) => secure).map(({ key }) => clear[key]));
  return Object.entries(after).map(([key, value]) => {
    const known = old.get(key);
    if (known !== undefined && !changedKeys.includes(key)) return known;
    const secure = known?.secure === true || secret.has(key) || values.has(value);
    return { key, value: secure ? secrets.seal(value) : value, secure };
  });
}
