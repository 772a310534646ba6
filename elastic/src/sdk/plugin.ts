// A provider as a plugin: what the server asks, decoded and handed to the desk of the cluster that it is about.
import {
  ELASTIC_PROTOCOL_VERSION,
  type ElasticCluster,
  type InitializeParams,
  type InitializeResult,
  type ListInstancesResult,
  type StatusReportParams,
  type StatusReportResult,
  type ValidateParams,
  type ValidateResult,
} from '@go-agent/protocol/elastic';
import { AppError } from '@go-agent/runtime/core';
import { ClusterDesk } from './cluster-desk.ts';
import type { PluginContext } from './plugin-context.ts';
import type { Provider } from './provider.ts';
import { configurationFields, type Fields, readValues, secretsOf } from './schema.ts';
import { statusPage } from './status-page.ts';

/** The answers of one provider to one server. Made by `initialize`. */
export class Plugin<CF extends Fields, PF extends Fields, K> {
  readonly #provider: Provider<CF, PF, K>;
  readonly #context: PluginContext;
  readonly #clusters = new Map<string, ClusterDesk<CF, PF, K>>();

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
    this.clustersChanged(clusters);
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

  /** The desk of a cluster, opened if it is new. */
  desk(clusterId: string): ClusterDesk<CF, PF, K> {
    const known = this.#clusters.get(clusterId);
    if (known !== undefined) return known;
    const desk = new ClusterDesk(clusterId, this.#provider, this.#context);
    this.#clusters.set(clusterId, desk);
    return desk;
  }

  deskOf(clusterId: string): ClusterDesk<CF, PF, K> | undefined {
    return this.#clusters.get(clusterId);
  }

  /** The clusters are so from now on. Any other message may speak of one as it was before. */
  clustersChanged(clusters: readonly ElasticCluster[]): void {
    for (const cluster of clusters) this.desk(cluster.id).configure(cluster);
    const named = new Set(clusters.map(({ id }) => id));
    for (const [id, desk] of this.#clusters) {
      if (named.has(id)) continue;
      desk.configure(null);
      if (desk.isEmpty) this.#clusters.delete(id);
    }
  }

  /** A cluster that cannot be looked at is left out: nothing is known of its agents, so that none of them is gone. */
  async listInstances(clusters: readonly ElasticCluster[]): Promise<ListInstancesResult> {
    const looked = await Promise.all(
      clusters.map(async (cluster) => {
        const instances = await this.desk(cluster.id).listInstances(cluster);
        return instances === null ? null : { id: cluster.id, instances };
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
    await Promise.all([...this.#clusters.values()].map((desk) => desk[Symbol.asyncDispose]()));
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
