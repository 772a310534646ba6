// Asks a plugin what there is in its clusters: where they are, and where they were when agents that are left were made.

import type { ElasticCluster, ElasticInstance } from '@go-agent/protocol/elastic';
import { describeError } from '@go-agent/runtime/core';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import { patience } from '../../domain/elastic-wait.ts';
import type { ElasticProvider } from '../provider.ts';
import type { BrokerContext } from './broker-context.ts';
import { clusterOf } from './elastic-shapes.ts';
import { readableCluster } from './readable-cluster.ts';

export interface Listing {
  readonly profile: ClusterProfile;
  readonly cluster: ElasticCluster;
  /** The cluster could be looked at: what is not listed is not there. */
  readonly isWhole: boolean;
  readonly instances: readonly ElasticInstance[];
}

interface Trouble {
  readonly failures: number;
  readonly notBefore: number;
}

export class Look {
  readonly #context: BrokerContext;
  /** By the key of the place that a cluster has left: it is asked more and more seldom, and told of once. */
  readonly #troubles = new Map<string, Trouble>();

  constructor(context: BrokerContext) {
    this.#context = context;
  }

  /** @throws what the plugin throws */
  async configured(provider: ElasticProvider): Promise<Listing[]> {
    const told = this.#context.places.configured(provider.pluginId).flatMap((profile) => {
      const cluster = readableCluster(this.#context.scheduler, profile);
      return cluster === undefined ? [] : [{ profile, cluster }];
    });
    if (told.length === 0) return [];
    const { clusterIds, instances } = await provider.listInstances(told.map(({ cluster }) => cluster));
    return told.map((each) => ({
      ...each,
      isWhole: clusterIds.includes(each.cluster.id),
      instances: instances.filter(({ clusterId }) => clusterId === each.cluster.id),
    }));
  }

  /** Each by itself. What cannot be looked at is left out: credentials that were replaced work no more, hosts are taken down. */
  async former(provider: ElasticProvider): Promise<Listing[]> {
    const { places, fleet } = this.#context;
    if (!provider.stopsAgents) return [];
    const former = places.former(provider.pluginId, fleet.all());
    const listings = await Promise.all(former.map((profile) => this.#formerOne(provider, profile)));
    return listings.filter((listing) => listing !== undefined);
  }

  async #formerOne(provider: ElasticProvider, profile: ClusterProfile): Promise<Listing | undefined> {
    const { places, scheduler } = this.#context;
    const { clock, logger, secrets } = scheduler;
    const key = places.keyOf(profile);
    const { failures = 0, notBefore = 0 } = this.#troubles.get(key) ?? {};
    if (clock.monotonic() < notBefore) return undefined;
    let reason = 'The plugin does not name it among those that it could look at';
    try {
      const cluster = clusterOf(profile, secrets);
      const { clusterIds, instances } = await provider.listInstances([cluster], true);
      if (clusterIds.includes(cluster.id)) {
        this.#troubles.delete(key);
        return { profile, cluster, isWhole: true, instances };
      }
    } catch (error) {
      reason = describeError(error);
    }
    if (failures === 0)
      logger.warn(
        { reason, plugin: provider.pluginId, cluster: profile.id },
        'Agents were made before this cluster profile changed, and where it pointed to cannot be looked at; it is tried again more and more seldom',
      );
    this.#troubles.set(key, {
      failures: failures + 1,
      notBefore: clock.monotonic() + patience(failures + 1),
    });
    return undefined;
  }
}
