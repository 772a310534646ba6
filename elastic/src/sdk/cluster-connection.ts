import type { ElasticCluster } from '@go-agent/protocol/elastic';
import { AppError, backoffDelay } from '@go-agent/runtime/core';
import { clusterLabels } from './labels.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Cluster, Provider } from './provider.ts';
import { type Fields, readValues, secretsOf, type Values } from './schema.ts';

type Open<CF extends Fields, K> = Cluster<Values<CF>, K>;

const RECONNECT = { firstMs: 500, factor: 2, maxMs: 60_000, jitter: 0.2 } as const;

/** One connection for one cluster with the same properties, made when it is needed first. */
export class ClusterConnection<CF extends Fields, PF extends Fields, K> {
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #cluster: ElasticCluster;
  #opening: Promise<Open<CF, K>> | null = null;

  constructor(cluster: ElasticCluster, provider: Provider<CF, PF, K>, context: PluginContext) {
    this.#provider = provider;
    this.#context = context;
    this.#cluster = cluster;
  }

  labels(serverId: string): Readonly<Record<string, string>> {
    return clusterLabels(serverId, this.#cluster.id);
  }

  /** @throws AppError `elastic-profile` if the cluster's properties make no sense, or what `connect` throws */
  open(): Promise<Open<CF, K>> {
    if (this.#opening !== null) return this.#opening;
    const opening = this.#connect();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    return opening;
  }

  /** Does `work` with the connection, again whenever it fails, until `signal` is aborted. */
  async keep(
    signal: AbortSignal,
    work: (cluster: Open<CF, K>, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { clock, random, log } = this.#context;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const since = clock.monotonic();
      try {
        await work(await this.open(), signal);
      } catch (error) {
        if (!signal.aborted) log('warn', `cluster ${this.#cluster.id} cannot be watched`, error);
      }
      // What went well for a minute was no failure to connect.
      if (clock.monotonic() - since > 60_000) attempt = 0;
      await clock.sleep(backoffDelay(RECONNECT, attempt, random), signal);
    }
  }

  /** Lets go of it. The agents go on. */
  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    await dispose(opening);
  }

  /** The plugin ends: the provider may end agents, too. */
  async end(): Promise<void> {
    try {
      if (this.#opening !== null) await this.#provider.close?.(await this.#opening);
    } catch (error) {
      this.#context.log('warn', `cluster ${this.#cluster.id} could not be closed`, error);
    }
    await this.close();
  }

  async #connect(): Promise<Open<CF, K>> {
    const { id, properties } = this.#cluster;
    const { clock, log, dataFolder, secrets, serverId } = this.#context;
    secrets.add(...secretsOf(this.#provider.clusterSchema, properties));
    const read = readValues(this.#provider.clusterSchema, properties);
    if (!read.ok) {
      const messages = read.problems.map(({ message }) => message).join(' ');
      throw new AppError('elastic-profile', `Cluster profile ${id}: ${messages}`);
    }
    const cluster = {
      id,
      labels: this.labels(serverId),
      properties: read.values,
      connection: undefined,
      tools: { clock, log, dataFolder },
    };
    return { ...cluster, connection: await this.#provider.connect(cluster) };
  }
}

async function dispose(opening: Promise<{ readonly connection: unknown }> | null): Promise<void> {
  try {
    const connection = (await opening)?.connection;
    if (typeof connection !== 'object' || connection === null) return;
    if (Symbol.asyncDispose in connection) await (connection as AsyncDisposable)[Symbol.asyncDispose]();
    else if (Symbol.dispose in connection) (connection as Disposable)[Symbol.dispose]();
  } catch {
    // It was never opened, or is closed already.
  }
}
