// A provider as a plugin: what the server asks, decoded and handed to the desk of the cluster that it is about.
import {
  type ClustersChangedParams,
  ELASTIC_PROTOCOL_VERSION,
  type ElasticCluster,
  type InitializeParams,
  type InitializeResult,
  type ListInstancesResult,
  type StatusReportParams,
  type StatusReportResult,
  type StopAgentParams,
  type ValidateParams,
  type ValidateResult,
} from '@go-agent/protocol/elastic';
import { AppError } from '@go-agent/runtime/core';
import { ClusterDesk } from './cluster-desk.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Provider } from './provider.ts';
import { configurationFields, type Fields, readValues, secretsOf } from './schema.ts';
import { statusPage } from './status-page.ts';

interface Kept<CF extends Fields, PF extends Fields, K> {
  readonly desk: ClusterDesk<CF, PF, K>;
  readonly stop: AbortController;
  readonly watching: Promise<void>;
}

/** The answers of one provider to one server. Made by `initialize`. */
export class Plugin<CF extends Fields, PF extends Fields, K> {
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #clusters = new Map<string, Kept<CF, PF, K>>();

  constructor(provider: Provider<CF, PF, K>, context: PluginContext) {
    this.#provider = provider;
    this.#context = context;
  }

  initialize({ protocolVersion, clusters }: InitializeParams): InitializeResult {
    if (protocolVersion !== ELASTIC_PROTOCOL_VERSION) {
      throw new AppError(
        'elastic-profile',
        `The server speaks version ${protocolVersion}, this plugin version ${ELASTIC_PROTOCOL_VERSION}; install the plugin of the server's release`,
      );
    }
    for (const cluster of clusters) this.desk(cluster);
    return {
      clusterFields: configurationFields(this.#provider.clusterSchema),
      profileFields: configurationFields(this.#provider.profileSchema),
      statusReports: ['plugin', 'cluster', 'agent'],
    };
  }

  validate({ kind, properties }: ValidateParams): ValidateResult {
    const { clusterSchema, profileSchema, checkCluster, checkProfile } = this.#provider;
    this.#context.secrets.add(...secretsOf(kind === 'cluster' ? clusterSchema : profileSchema, properties));
    return {
      problems:
        kind === 'cluster'
          ? problemsOf(clusterSchema, properties, checkCluster)
          : problemsOf(profileSchema, properties, checkProfile),
    };
  }

  /** The desk of a cluster, with the properties that the message has; opened if it is new. */
  desk(cluster: ElasticCluster): ClusterDesk<CF, PF, K> {
    const kept = this.#clusters.get(cluster.id);
    if (kept !== undefined) {
      kept.desk.update(cluster);
      return kept.desk;
    }
    const desk = new ClusterDesk(cluster, this.#provider, this.#context);
    const stop = new AbortController();
    const watching = desk.run(AbortSignal.any([stop.signal, this.#context.stop]));
    this.#clusters.set(cluster.id, { desk, stop, watching });
    return desk;
  }

  desks(): readonly ClusterDesk<CF, PF, K>[] {
    return [...this.#clusters.values()].map(({ desk }) => desk);
  }

  deskOf(clusterId: string): ClusterDesk<CF, PF, K> | undefined {
    return this.#clusters.get(clusterId)?.desk;
  }

  async clustersChanged({ clusters }: ClustersChangedParams): Promise<void> {
    for (const cluster of clusters) this.desk(cluster);
    const named = new Set(clusters.map(({ id }) => id));
    for (const [id, kept] of this.#clusters) {
      if (named.has(id)) continue;
      this.#clusters.delete(id);
      kept.stop.abort(new Error(`Cluster ${id} is no more`));
      await kept.watching;
    }
  }

  async stopAgent({ cluster, agentId, reason, message }: StopAgentParams): Promise<void> {
    this.#context.log('info', `ending agent ${agentId}: ${message}`);
    await this.desk(cluster).stopAgent(agentId, reason === 'never-registered' ? message : undefined);
  }

  /** A cluster that cannot be looked at is left out: nothing is known of its agents, so that none of them is gone. */
  async listInstances(clusters: readonly ElasticCluster[]): Promise<ListInstancesResult> {
    const looked = await Promise.all(
      clusters.map(async (cluster) => {
        try {
          return { id: cluster.id, instances: await this.desk(cluster).listInstances() };
        } catch (error) {
          this.#context.log('warn', `cluster ${cluster.id} cannot be looked at`, error);
          return null;
        }
      }),
    );
    const reached = looked.filter((each) => each !== null);
    return {
      clusterIds: reached.map(({ id }) => id),
      instances: reached.flatMap(({ instances }) => instances),
    };
  }

  async statusReport(params: StatusReportParams): Promise<StatusReportResult> {
    const { clusterIds, instances } = await this.listInstances(params.clusters);
    return {
      html: statusPage(this.#provider.name, params, clusterIds, instances, this.#context.clock.now()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#clusters.values()];
    for (const { stop } of all) stop.abort(new Error('The plugin ends'));
    await Promise.all(all.map(({ watching }) => watching));
    await Promise.all(all.map(({ desk }) => desk[Symbol.asyncDispose]()));
  }
}

function problemsOf<F extends Fields>(
  fields: F,
  properties: Readonly<Record<string, string>>,
  check: ((values: never) => ValidateResult['problems']) | undefined,
): ValidateResult['problems'] {
  const read = readValues(fields, properties);
  if (read.ok) return check?.(read.values as never) ?? [];
  return read.problems;
}
