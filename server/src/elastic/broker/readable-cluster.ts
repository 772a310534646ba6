import type { ElasticCluster } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import { clusterOf } from './elastic-shapes.ts';

/** It is looked at every minute as long as it is configured. */
const SHOWN_MS = 300_000;

/** Undefined, with a health message, if its secrets cannot be opened: the other clusters of its plugin are looked after all the same. */
export function readableCluster(
  { secrets, logger, health }: Pick<SchedulerContext, 'secrets' | 'logger' | 'health'>,
  profile: ClusterProfile,
): ElasticCluster | undefined {
  const { id } = profile;
  const scope = `cluster-profile/${id}`;
  try {
    const cluster = clusterOf(profile, secrets);
    health.clear(scope);
    return cluster;
  } catch (error) {
    if (!health.messages().some((message) => message.scope === scope))
      logger.error({ err: error, cluster: id }, 'The secrets of a cluster profile cannot be opened');
    health.reportFor(SHOWN_MS, {
      scope,
      level: 'error',
      message: `Cluster profile '${id}' cannot be used`,
      detail: `${describeError(error)} Save the profile anew with its secrets (go-server encrypt seals those of files), or remove it. Until then its plugin is not told of it.`,
    });
    return undefined;
  }
}
