import type { V5MigrateConfig } from '@go-agent/protocol/elastic';
import type { ConfigModel } from '../../config/config-model.ts';
import { propertiesOf } from '../broker/elastic-shapes.ts';

/** All that is configured for a plugin, as migrate-config has it. @throws AppError `secret-unreadable` */
export function v5Configuration(
  { clusterProfiles, elasticProfiles }: ConfigModel,
  pluginId: string,
  secrets: { open(sealed: string): string },
): V5MigrateConfig {
  const clusters = clusterProfiles.filter((cluster) => cluster.pluginId === pluginId);
  const ids = new Set(clusters.map(({ id }) => id));
  return {
    plugin_settings: {},
    cluster_profiles: clusters.map(({ id, properties }) => ({
      id,
      plugin_id: pluginId,
      properties: propertiesOf(properties, secrets),
    })),
    elastic_agent_profiles: elasticProfiles
      .filter(({ clusterProfileId }) => ids.has(clusterProfileId))
      .map(({ id, clusterProfileId, properties }) => ({
        id,
        plugin_id: pluginId,
        cluster_profile_id: clusterProfileId,
        properties: propertiesOf(properties, secrets),
      })),
  };
}
