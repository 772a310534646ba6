import type { ProfileLoad, TickParams } from '@go-agent/protocol/elastic';
import type { Broker } from './broker.ts';
import { readableCluster } from './readable-cluster.ts';
import { survey } from './survey.ts';

/** How things are in all clusters of a plugin that can be used. */
export function loadOf(broker: Broker, pluginId: string): TickParams {
  const { scheduler } = broker.context;
  const clusters = scheduler.config().clusterProfiles.filter((cluster) => cluster.pluginId === pluginId);
  const quietMs = broker.quietMs(pluginId);
  return {
    clusters: clusters.flatMap((profile) => {
      const cluster = readableCluster(scheduler, profile);
      if (cluster === undefined) return [];
      const { profiles, agents, jobs } = survey(broker.context, broker.book, profile.id, true);
      const load = profiles.map(({ id }): ProfileLoad => {
        const own = agents.filter(({ profileId }) => profileId === id);
        const registered = own.filter(({ phase }) => phase === 'registered');
        return {
          profileId: id,
          waiting: jobs.filter(({ profileId, promised }) => profileId === id && !promised).length,
          starting: own.filter(({ phase }) => phase === 'starting').length,
          idle: registered.filter(({ busy, lost }) => !busy && !lost).length,
          building: registered.filter(({ busy }) => busy).length,
        };
      });
      return [{ cluster, load }];
    }),
    ...(quietMs === undefined ? {} : { quietMs }),
  };
}
