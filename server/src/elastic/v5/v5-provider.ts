// A plugin of GoCD's elastic-agent extension 5.0 as the broker sees it.

import {
  type AssignWorkParams,
  type AssignWorkResult,
  type ConfigurationField,
  decodeV5Capabilities,
  decodeV5Fields,
  decodeV5Icon,
  decodeV5MigrateConfig,
  decodeV5Problems,
  decodeV5Template,
  decodeV5View,
  type ElasticCluster,
  type ElasticJob,
  type ListInstancesResult,
  type StartAgentsResult,
  type StatusReportKind,
  type StatusReportParams,
  type V5ClusterProfileChanged,
  type V5Field,
  V5Method,
  type V5MigrateConfig,
  type V5RequestBody,
  type ValidateParams,
  type ValidateResult,
} from '@go-agent/protocol/elastic';
import { AppError, describeError } from '@go-agent/runtime/core';
import type { ConfiguredProvider } from '../plugin-host/configured-provider.ts';
import { NewsQueue } from '../plugin-host/news-queue.ts';
import type { Plugin } from '../plugin-host/plugin.ts';
import type { ProviderEvent } from '../provider.ts';
import { V5Assigner, type V5AssignerParts } from './v5-assigner.ts';
import { askV5, askV5For } from './v5-calls.ts';
import { type Migration, migrated, readMigration } from './v5-migration.ts';
import { v5Job } from './v5-shapes.ts';

const QUICK = { deadlineMs: 10_000 };
const LOAD = { deadlineMs: 30_000 };
/** GoCD has no limit for what it tells, but throws away a ping that is older. Plugins look after all their agents before they answer one. */
const TELL = { deadlineMs: 50_000 };

export interface V5ProviderParts extends Omit<V5AssignerParts, 'creating'> {
  /** As it is configured now. */
  cluster(id: string): ElasticCluster | undefined;
  /** All that is configured for this plugin. */
  configuration(): V5MigrateConfig;
  /** Keeps what the plugin has made of it. */
  migrated(migration: Migration): Promise<void>;
}

export class V5Provider implements ConfiguredProvider {
  readonly stopsAgents = false;
  readonly #parts: V5ProviderParts;
  readonly #plugin: Plugin;
  readonly #assigner: V5Assigner;
  readonly #news: NewsQueue;
  readonly #pinging;
  #migration: Migration = { profiles: [], byHand: [] };
  clusterFields: readonly ConfigurationField[] = [];
  profileFields: readonly ConfigurationField[] = [];
  statusReports: readonly StatusReportKind[] = [];

  constructor(parts: V5ProviderParts) {
    this.#parts = parts;
    this.#plugin = parts.plugin;
    // Five threads for each plugin, as in GoCD.
    this.#assigner = new V5Assigner({ ...parts, creating: parts.plugin.lane(5, 1000) });
    this.#news = new NewsQueue(parts.plugin, parts.logger);
    this.#pinging = parts.plugin.lane(1, 1);
  }

  get pluginId(): string {
    return this.#plugin.id;
  }

  get unavailable(): string | undefined {
    return this.#plugin.unavailable;
  }

  /** What GoCD asks of a plugin that it loads, in its order. */
  async initialize(): Promise<void> {
    const ask = <T>(method: V5Method, decode: (value: unknown) => T) =>
      askV5For(this.#plugin, method, undefined, decode, LOAD);
    const capabilities = await ask(V5Method.getCapabilities, decodeV5Capabilities);
    await ask(V5Method.getIcon, decodeV5Icon);
    this.profileFields = (await ask(V5Method.getProfileMetadata, decodeV5Fields)).map(fieldOf);
    await ask(V5Method.getProfileView, decodeV5Template);
    this.clusterFields = (await ask(V5Method.getClusterMetadata, decodeV5Fields)).map(fieldOf);
    await ask(V5Method.getClusterView, decodeV5Template);
    this.statusReports = [
      ...(capabilities.supports_plugin_status_report ? (['plugin'] as const) : []),
      ...(capabilities.supports_cluster_status_report ? (['cluster'] as const) : []),
      ...(capabilities.supports_agent_status_report ? (['agent'] as const) : []),
    ];
    const now = this.#parts.configuration();
    const wanted = await askV5For(this.#plugin, V5Method.migrateConfig, now, decodeV5MigrateConfig, LOAD);
    this.#migration = readMigration(now, wanted);
    await this.#parts.migrated(this.#migration);
  }

  async assignWork(params: AssignWorkParams): Promise<AssignWorkResult> {
    const { cluster, jobs } = params;
    const question = { ...params, cluster: this.#cluster(cluster), jobs: jobs.map((job) => this.#job(job)) };
    return { decisions: await this.#assigner.assignWork(question) };
  }

  async startAgents(): Promise<StartAgentsResult> {
    return { agentIds: [], reason: 'A v5 plugin starts agents for jobs only', askAgainMs: 600_000 };
  }

  async stopAgent(): Promise<void> {
    // There is no such request: the plugin takes disabled agents down at its next ping.
  }

  async listInstances(): Promise<ListInstancesResult> {
    return { clusterIds: [], instances: [] };
  }

  async validate({ kind, properties }: ValidateParams): Promise<ValidateResult> {
    const isCluster = kind === 'cluster';
    const fields = isCluster ? this.clusterFields : this.profileFields;
    const all = [...new Set([...fields.map(({ key }) => key), ...Object.keys(properties)])];
    const body = Object.fromEntries(all.map((key) => [key, properties[key] ?? null]));
    const method = isCluster ? V5Method.validateCluster : V5Method.validateProfile;
    return { problems: await askV5For(this.#plugin, method, body, decodeV5Problems, QUICK) };
  }

  async statusReport({ kind, clusters, agentId, job }: StatusReportParams): Promise<string> {
    const view = async (method: V5Method, body: V5RequestBody) =>
      (await askV5For(this.#plugin, method, body, decodeV5View, QUICK)).view;
    const all = clusters.map((cluster) => this.#cluster(cluster).properties);
    const properties = all[0] ?? {};
    if (kind === 'plugin') {
      return view(V5Method.pluginStatusReport, { all_cluster_profiles_properties: all });
    }
    if (kind === 'cluster')
      return view(V5Method.clusterStatusReport, { cluster_profile_properties: properties });
    if (job === undefined)
      throw new AppError('plugin-error', 'A report on an agent needs the job that it has');
    return view(V5Method.agentStatusReport, {
      job_identifier: v5Job(job),
      cluster_profile_properties: properties,
      ...(agentId === undefined ? {} : { elastic_agent_id: agentId }),
    });
  }

  tell(event: ProviderEvent): void {
    if (event.type === 'tick') {
      const all = event.params.clusters.map(({ cluster }) => this.#cluster(cluster).properties);
      this.#ping({ all_cluster_profile_properties: all });
    }
    if (event.type !== 'job-finished') return;
    const { job, agentId, clusterId } = event.params;
    // Of a job that no agent had GoCD says nothing.
    if (agentId === undefined) return;
    // As it is now, with a token that was renewed meanwhile, say; one that is gone as its agent had it.
    const cluster = this.#parts.cluster(event.cluster?.id ?? clusterId) ?? event.cluster;
    const body = {
      elastic_agent_id: agentId,
      job_identifier: v5Job(job),
      elastic_agent_profile_properties: this.#job(job).profile.properties,
      cluster_profile_properties: cluster === undefined ? {} : this.#cluster(cluster).properties,
    };
    this.#tell(V5Method.jobCompletion, body, true);
  }

  clustersChanged(): void {
    // GoCD tells of single profiles that are saved, not of files that are edited.
  }

  clusterSaved(change: V5ClusterProfileChanged): void {
    // One that is away asks for all profiles when it comes up.
    this.#tell(V5Method.clusterProfileChanged, change, false);
  }

  #cluster(cluster: ElasticCluster): ElasticCluster {
    return { ...cluster, properties: migrated(this.#migration, 'cluster', cluster) };
  }

  #job(job: ElasticJob): ElasticJob {
    const properties = migrated(this.#migration, 'profile', job.profile);
    return { ...job, profile: { ...job.profile, properties } };
  }

  #tell(method: V5Method, body: V5RequestBody, isKept: boolean): void {
    this.#news.tell({ method, isKept, send: () => askV5(this.#plugin, method, body, TELL) });
  }

  #ping(body: V5RequestBody): void {
    if (this.unavailable !== undefined) return;
    askV5(this.#plugin, V5Method.serverPing, body, { ...TELL, lane: this.#pinging }).catch(
      (error: unknown) => {
        const reason = describeError(error);
        this.#parts.logger.warn({ plugin: this.pluginId, reason }, 'An elastic plugin did not take a ping');
      },
    );
  }
}

function fieldOf({ key, metadata }: V5Field): ConfigurationField {
  return { key, title: key, type: 'text', required: metadata.required, secret: metadata.secure };
}
