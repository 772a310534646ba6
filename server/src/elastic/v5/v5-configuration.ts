import type { V5MigrateConfig } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import { propertiesOf } from '../broker/elastic-shapes.ts';
import { readableCluster } from '../broker/readable-cluster.ts';

type Scheduler = Pick<SchedulerContext, 'config' | 'secrets' | 'logger' | 'health'>;

/** All that is configured for a plugin and can be used, as migrate-config has it. */
export function v5Configuration(scheduler: Scheduler, pluginId: string): V5MigrateConfig {
  const { config, secrets, logger } = scheduler;
  const { clusterProfiles, elasticProfiles } = config();
  const clusters = clusterProfiles
    .filter((cluster) => cluster.pluginId === pluginId)
    .flatMap((cluster) => readableCluster(scheduler, cluster) ?? []);
  const ids = new Set(clusters.map(({ id }) => id));
  return {
    plugin_settings: {},
    cluster_profiles: clusters.map(({ id, properties }) => ({ id, plugin_id: pluginId, properties })),
    elastic_agent_profiles: elasticProfiles
      .filter(({ clusterProfileId }) => ids.has(clusterProfileId))
      .flatMap(({ id, clusterProfileId, properties: sealed }) => {
        try {
          const properties = propertiesOf(sealed, secrets);
          return [{ id, plugin_id: pluginId, cluster_profile_id: clusterProfileId, properties }];
        } catch (error) {
          // Its jobs say so.
          logger.error(
            { profile: id, reason: describeError(error) },
            'An elastic agent profile cannot be read',
          );
          return [];
        }
      }),
  };
}
