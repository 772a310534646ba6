// A plugin of the RFC's dialect as the broker sees it.

import {
  type AssignWorkParams,
  type AssignWorkResult,
  type ConfigurationField,
  decodeAssignWorkResult,
  decodeInitializeResult,
  decodeListInstancesResult,
  decodeStartAgentsResult,
  decodeStatusReportResult,
  decodeValidateResult,
  type ElasticCluster,
  type InitializeParams,
  type InitializeResult,
  type ListInstancesResult,
  PluginMethod,
  type StartAgentsParams,
  type StartAgentsResult,
  type StatusReportParams,
  type StopAgentParams,
  type ValidateParams,
  type ValidateResult,
} from '@go-agent/protocol/elastic';
import type { Logger } from '@go-agent/runtime';
import { AppError, describeError } from '@go-agent/runtime/core';
import type { ProviderEvent } from '../provider.ts';
import type { ConfiguredProvider } from './configured-provider.ts';
import { NewsQueue } from './news-queue.ts';
import type { Plugin } from './plugin.ts';

const QUICK_MS = 10_000;
const SLOW_MS = 30_000;
const STOP_MS = 60_000;

const NO_FIELDS: readonly ConfigurationField[] = [];

export class RfcProvider implements ConfiguredProvider {
  readonly stopsAgents = true;
  readonly #plugin: Plugin;
  readonly #assigning;
  readonly #stopping;
  readonly #news: NewsQueue;
  readonly #others;
  readonly #lookingBack;
  #described: InitializeResult | undefined;

  constructor(plugin: Plugin, logger: Logger) {
    this.#plugin = plugin;
    this.#assigning = plugin.lane(4, 100);
    this.#stopping = plugin.lane(8, 10_000);
    this.#news = new NewsQueue(plugin, logger);
    this.#others = plugin.lane(2, 50);
    this.#lookingBack = plugin.lane(2, 1000);
  }

  get pluginId(): string {
    return this.#plugin.id;
  }

  get unavailable(): string | undefined {
    return this.#plugin.unavailable;
  }

  get clusterFields(): readonly ConfigurationField[] {
    return this.#described?.clusterFields ?? NO_FIELDS;
  }

  get profileFields(): readonly ConfigurationField[] {
    return this.#described?.profileFields ?? NO_FIELDS;
  }

  get statusReports() {
    return this.#described?.statusReports ?? [];
  }

  async initialize(params: InitializeParams): Promise<void> {
    const answer = await this.#plugin.call(PluginMethod.initialize, params, { deadlineMs: SLOW_MS });
    this.#described = decoded(PluginMethod.initialize, decodeInitializeResult, answer);
  }

  assignWork(params: AssignWorkParams): Promise<AssignWorkResult> {
    const options = { deadlineMs: QUICK_MS, lane: this.#assigning };
    return this.#ask(PluginMethod.assignWork, params, options, decodeAssignWorkResult);
  }

  startAgents(params: StartAgentsParams): Promise<StartAgentsResult> {
    const options = { deadlineMs: SLOW_MS, lane: this.#others };
    return this.#ask(PluginMethod.startAgents, params, options, decodeStartAgentsResult);
  }

  async stopAgent(params: StopAgentParams): Promise<void> {
    const options = { deadlineMs: STOP_MS, lane: this.#stopping };
    await this.#ask(PluginMethod.stopAgent, params, options, ignored);
  }

  listInstances(clusters: readonly ElasticCluster[], isFormer = false): Promise<ListInstancesResult> {
    const lane = isFormer ? this.#lookingBack : this.#others;
    const options = { deadlineMs: SLOW_MS, lane, isSlow: isFormer };
    return this.#ask(PluginMethod.listInstances, { clusters }, options, decodeListInstancesResult);
  }

  validate(params: ValidateParams): Promise<ValidateResult> {
    return this.#ask(PluginMethod.validate, params, { deadlineMs: QUICK_MS }, decodeValidateResult);
  }

  async statusReport(params: StatusReportParams): Promise<string> {
    const options = { deadlineMs: QUICK_MS, lane: this.#others };
    return (await this.#ask(PluginMethod.statusReport, params, options, decodeStatusReportResult)).html;
  }

  tell({ type, params }: ProviderEvent): void {
    this.#notify(type, params, type !== 'tick');
  }

  clustersChanged(clusters: readonly ElasticCluster[]): void {
    // One that is away is told when it comes up.
    this.#notify(PluginMethod.clustersChanged, { clusters }, false);
  }

  clusterSaved(): void {
    // `clusters-changed` says it.
  }

  #notify(method: string, params: object, isKept: boolean): void {
    const options = { deadlineMs: QUICK_MS };
    this.#news.tell({ method, isKept, send: () => this.#plugin.call(method, params, options) });
  }

  async #ask<T>(
    method: string,
    params: object,
    options: Parameters<Plugin['call']>[2],
    decode: (answer: unknown) => T,
  ): Promise<T> {
    return decoded(method, decode, await this.#plugin.call(method, params, options));
  }
}

function decoded<T>(method: string, decode: (answer: unknown) => T, answer: unknown): T {
  try {
    return decode(answer);
  } catch (error) {
    throw new AppError(
      'plugin-answer',
      `its answer to ${method} is not understood: ${describeError(error)}`,
      {
        cause: error,
      },
    );
  }
}

function ignored(): void {
  // The answer says nothing.
}
