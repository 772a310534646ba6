import type { ElasticCluster } from '@go-agent/protocol/elastic';
import { ClusterPlace } from './cluster-place.ts';
import { fingerprint } from './labels.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Provider } from './provider.ts';
import type { Fields } from './schema.ts';

/** Longer than the server leaves a place alone that is out of reach. */
const KEPT_MS = 900_000;

interface AgentNews {
  failed(agentId: string, reason: string): void;
  ended(agentId: string, reason: string): void;
}

/** Where one cluster is now, and where it was with earlier properties, for as long as that is asked about. */
export class ClusterPlaces<CF extends Fields, PF extends Fields, K> {
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #news: AgentNews;
  /** By the fingerprint of their properties. */
  readonly #places = new Map<string, ClusterPlace<CF, PF, K>>();
  #current: ClusterPlace<CF, PF, K> | null = null;
  #closing: Promise<unknown> = Promise.resolve();

  constructor(provider: Provider<CF, PF, K>, context: PluginContext, news: AgentNews) {
    this.#provider = provider;
    this.#context = context;
    this.#news = news;
  }

  all(): readonly ClusterPlace<CF, PF, K>[] {
    return [...this.#places.values()];
  }

  isCurrent(place: ClusterPlace<CF, PF, K>): boolean {
    return place === this.#current;
  }

  /** The place of these properties; opened if it is new. */
  at({ id, properties }: ElasticCluster): ClusterPlace<CF, PF, K> {
    const print = fingerprint(properties);
    const known = this.#places.get(print);
    if (known !== undefined) return known;
    const place = new ClusterPlace({ id, properties }, this.#provider, this.#context, {
      making: (since) => this.all().flatMap(({ starts }) => starts.since(since)),
      failed: (agentId, reason) => this.#news.failed(agentId, reason),
      ended: (agentId, reason) => this.#news.ended(agentId, reason),
    });
    this.#places.set(print, place);
    return place;
  }

  /**
   * Only the place where the cluster is now is watched. One that it has left is let go when nothing goes on there; asked about again,
   * for agents that were made there, it is opened again.
   * @param cluster null: it is configured no more
   */
  configure(cluster: ElasticCluster | null): void {
    const before = this.#current;
    this.#current = cluster === null ? null : this.at(cluster);
    if (this.#current !== before) {
      before?.endWatching();
      this.#current?.beginWatching();
    }
    for (const [print, place] of this.#places) {
      if (place === this.#current || !place.isIdleFor(place === before ? 0 : KEPT_MS)) continue;
      this.#places.delete(print);
      this.#closing = Promise.all([this.#closing, place.close()]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all().map((place) => (this.isCurrent(place) ? place.end() : place.close())));
    await this.#closing;
  }
}
