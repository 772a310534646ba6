// Profiles that were made through the API, in memory as the database has them.

import type { StoredProfiles } from '../../config/check-elastic.ts';
import type { ClusterProfile, ElasticAgentProfile } from '../../domain/elastic-profile.ts';
import type { Writer } from '../../scheduler/writer.ts';
import type { Repositories } from '../../store/repositories.ts';

export class StoredElasticProfiles {
  #current: StoredProfiles = { clusters: [], profiles: [] };

  /** Another object after each change. */
  get current(): StoredProfiles {
    return this.#current;
  }

  async load({ elasticProfiles }: Repositories): Promise<void> {
    this.#current = {
      clusters: await elasticProfiles.clusters(),
      profiles: await elasticProfiles.profiles(),
    };
  }

  async saveCluster(writer: Writer, cluster: ClusterProfile): Promise<void> {
    await writer.run(({ elasticProfiles }) => elasticProfiles.saveCluster(cluster));
    this.#current = { ...this.#current, clusters: replaced(this.#current.clusters, cluster) };
  }

  async saveProfile(writer: Writer, profile: ElasticAgentProfile): Promise<void> {
    await writer.run(({ elasticProfiles }) => elasticProfiles.saveProfile(profile));
    this.#current = { ...this.#current, profiles: replaced(this.#current.profiles, profile) };
  }

  /** Saves what `renew` makes of them as they are in the turn of the transaction: all of that or none. */
  async renew(writer: Writer, renew: (now: StoredProfiles) => StoredProfiles): Promise<StoredProfiles> {
    const renewed = await writer.run(async ({ elasticProfiles }) => {
      const now = { clusters: await elasticProfiles.clusters(), profiles: await elasticProfiles.profiles() };
      const changed = renew(now);
      for (const cluster of changed.clusters) await elasticProfiles.saveCluster(cluster);
      for (const profile of changed.profiles) await elasticProfiles.saveProfile(profile);
      return changed;
    });
    const { clusters, profiles } = renewed;
    this.#current = {
      clusters: clusters.reduce(replaced<ClusterProfile>, this.#current.clusters),
      profiles: profiles.reduce(replaced<ElasticAgentProfile>, this.#current.profiles),
    };
    return renewed;
  }

  async remove(writer: Writer, kind: 'cluster' | 'profile', id: string): Promise<void> {
    await writer.run(({ elasticProfiles }) => elasticProfiles.remove(kind, id));
    const { clusters, profiles } = this.#current;
    this.#current =
      kind === 'cluster'
        ? { clusters: clusters.filter((cluster) => cluster.id !== id), profiles }
        : { clusters, profiles: profiles.filter((profile) => profile.id !== id) };
  }
}

function replaced<T extends { readonly id: string }>(items: readonly T[], item: T): readonly T[] {
  return [...items.filter(({ id }) => id !== item.id), item].sort((a, b) => (a.id < b.id ? -1 : 1));
}
