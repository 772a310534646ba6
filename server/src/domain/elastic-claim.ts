// Which profile has a resource, where profiles claim some (docs/elastic.md).

import type { ClusterProfile, ElasticAgentProfile } from './elastic-profile.ts';
import { nameKey } from './names.ts';

export interface Claims {
  /** The profile for a job that asks for these resources and names no profile; undefined: it is for static agents. */
  profileFor(resources: readonly string[]): string | undefined;
  /** Resources that are claimed more than once, for people. */
  readonly conflicts: readonly string[];
}

/** The cluster with the highest priority wins, then the lowest id of the cluster, then of the profile. */
export function readClaims(
  profiles: readonly ElasticAgentProfile[],
  clusters: readonly ClusterProfile[],
): Claims {
  const priorities = new Map(clusters.map(({ id, priority }) => [id, priority]));
  const ranked = profiles
    .filter(({ claims, clusterProfileId }) => claims.length > 0 && priorities.has(clusterProfileId))
    .sort((a, b) => {
      const [first, second] = [a.clusterProfileId, b.clusterProfileId];
      const byPriority = (priorities.get(second) ?? 0) - (priorities.get(first) ?? 0);
      return byPriority || compare(first, second) || compare(a.id, b.id);
    });
  const owners = new Map<string, string>();
  const conflicts: string[] = [];
  for (const { id, claims } of ranked) {
    for (const resource of new Set(claims.map(nameKey))) {
      const owner = owners.get(resource);
      if (owner === undefined) owners.set(resource, id);
      else
        conflicts.push(
          `Resource '${resource}' is claimed by profile '${owner}' and by '${id}'; '${owner}' has it. Claim it once, or give the cluster that is to have it the higher priority.`,
        );
    }
  }
  return {
    conflicts,
    profileFor: (resources) =>
      ranked.find(({ id }) => resources.some((resource) => owners.get(nameKey(resource)) === id))?.id,
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
