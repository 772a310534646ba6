import type { ElasticDesk } from '../core-elastic.ts';

/** No elastic agents at all. */
export function scriptedElastic(): ElasticDesk {
  const none = async () => ({ type: 'not-found' as const, message: 'There are no profiles here' });
  return {
    waitOf: () => undefined,
    waiting: () => [],
    plugins: () => [],
    plugin: async () => undefined,
    clusters: () => [],
    profiles: () => [],
    saveCluster: none,
    saveProfile: none,
    removeCluster: none,
    removeProfile: none,
    usages: () => [],
    statusReport: none,
  };
}
