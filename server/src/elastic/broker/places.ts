// Where elastic agents are. A cluster profile may have changed since they were made: then they are where it pointed to before,
// or, if only a password or the like is new, where it points to now. A list of what there is tells.

import { createHash } from 'node:crypto';
import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import { propertiesOf } from './elastic-shapes.ts';

interface Place {
  readonly cluster: ClusterProfile;
  /** The cluster is not configured so any more: whoever made it so may have closed it down. */
  readonly isFormer: boolean;
}

type Agent = Pick<ElasticAgentRecord, 'id' | 'pluginId' | 'clusterId' | 'cluster' | 'uuid'>;

export class Places {
  readonly #scheduler: Pick<SchedulerContext, 'config' | 'secrets'>;
  /** The numbers of agents that were in a list since the server started. */
  readonly #seen = new Set<number>();
  readonly #keys = new WeakMap<ClusterProfile, string>();

  constructor(scheduler: Pick<SchedulerContext, 'config' | 'secrets'>) {
    this.#scheduler = scheduler;
  }

  /** The same for the same place. Of no use for anything but comparing. */
  keyOf(cluster: ClusterProfile): string {
    const known = this.#keys.get(cluster);
    if (known !== undefined) return known;
    const text = JSON.stringify([cluster.pluginId, cluster.id, this.#entriesOf(cluster)]);
    const key = createHash('sha256').update(text).digest('base64url');
    this.#keys.set(cluster, key);
    return key;
  }

  isSame(one: ClusterProfile, other: ClusterProfile): boolean {
    return this.keyOf(one) === this.keyOf(other);
  }

  /** The clusters of this plugin, as they are configured. */
  configured(pluginId: string): ClusterProfile[] {
    return this.#scheduler.config().clusterProfiles.filter((cluster) => cluster.pluginId === pluginId);
  }

  /** Where some of these agents of the plugin are and nothing is made any more, each place once. */
  former(pluginId: string, agents: readonly Agent[]): ClusterProfile[] {
    const places = agents
      .filter((agent) => agent.pluginId === pluginId)
      .flatMap((agent) => this.of(agent) ?? [])
      .filter(({ isFormer }) => isFormer);
    return [...new Map(places.map(({ cluster }) => [this.keyOf(cluster), cluster])).values()];
  }

  /** Where it was found last, else where it was made. Undefined: an earlier version made it, in a cluster that is gone. */
  of(agent: Agent): Place | undefined {
    const now = this.now(agent);
    const at = agent.cluster ?? now;
    if (at === undefined) return undefined;
    if (now !== undefined && this.isSame(at, now)) return { cluster: now, isFormer: false };
    return { cluster: at, isFormer: true };
  }

  /** Its cluster as it is configured. Undefined: it is not, or is another plugin's. */
  now({ pluginId, clusterId }: Pick<Agent, 'pluginId' | 'clusterId'>): ClusterProfile | undefined {
    return this.configured(pluginId).find(({ id }) => id === clusterId);
  }

  /** It has registered, or was in a list since the server started. */
  hasCome({ id, uuid }: Agent): boolean {
    return uuid !== undefined || this.#seen.has(id);
  }

  /** It is in a list of what there is. */
  noteSeen(agent: number): void {
    this.#seen.add(agent);
  }

  /** Keeps nothing of agents that are gone. */
  keepOnly(isThere: (agent: number) => boolean): void {
    for (const id of this.#seen) if (!isThere(id)) this.#seen.delete(id);
  }

  /** In clear: a secret that was sealed anew is the same. */
  #entriesOf({ properties }: ClusterProfile): unknown {
    try {
      const entries = Object.entries(propertiesOf(properties, this.#scheduler.secrets));
      return entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
    } catch {
      return properties;
    }
  }
}
