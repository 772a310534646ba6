// The server's requests to a plugin, each with its deadline, its answer decoded.
import {
  type AssignWorkParams,
  type AssignWorkResult,
  decodeAssignWorkResult,
  decodeInitializeResult,
  decodeListInstancesResult,
  decodeStartAgentsResult,
  decodeStatusReportResult,
  decodeValidateResult,
  type InitializeParams,
  type InitializeResult,
  type ListInstancesParams,
  type ListInstancesResult,
  PluginMethod,
  type StartAgentsParams,
  type StartAgentsResult,
  type StatusReportParams,
  type StatusReportResult,
  type StopAgentParams,
  type ValidateParams,
  type ValidateResult,
} from '@go-agent/protocol/elastic';
import { describeError, systemClock, withDeadline } from '@go-agent/runtime/core';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { Violations } from './rules.ts';

const DEADLINES_MS: Readonly<Record<PluginMethod, number>> = {
  initialize: 30_000,
  validate: 10_000,
  'assign-work': 10_000,
  'start-agents': 30_000,
  'stop-agent': 60_000,
  'list-instances': 30_000,
  'job-finished': 10_000,
  'job-cancelled': 10_000,
  'job-rescheduled': 10_000,
  'agent-event': 10_000,
  'clusters-changed': 10_000,
  tick: 10_000,
  'status-report': 10_000,
};

type Events =
  | 'job-finished'
  | 'job-cancelled'
  | 'job-rescheduled'
  | 'agent-event'
  | 'clusters-changed'
  | 'tick';

/** Calls that were made, and the longest of each method in milliseconds. */
export type CallTimes = Map<string, { count: number; maxMs: number }>;

/** A plugin that has not answered so many times in a row will not answer any more. */
const GIVE_UP = 2;

export class PluginSilent extends Error {}

/**
 * A failed call is a violation and gives undefined.
 * @throws PluginSilent (each of these calls) if the plugin does not answer any more
 */
export class PluginCalls {
  readonly connection: MessageConnection;
  readonly #violations: Violations;
  readonly #took: CallTimes;
  #unanswered = 0;

  constructor(connection: MessageConnection, violations: Violations, took: CallTimes) {
    this.#took = took;
    this.connection = connection;
    this.#violations = violations;
  }

  initialize(params: InitializeParams): Promise<InitializeResult | undefined> {
    return this.#call(PluginMethod.initialize, params, decodeInitializeResult);
  }

  validate(params: ValidateParams): Promise<ValidateResult | undefined> {
    return this.#call(PluginMethod.validate, params, decodeValidateResult);
  }

  assignWork(params: AssignWorkParams): Promise<AssignWorkResult | undefined> {
    return this.#call(PluginMethod.assignWork, params, decodeAssignWorkResult);
  }

  startAgents(params: StartAgentsParams): Promise<StartAgentsResult | undefined> {
    return this.#call(PluginMethod.startAgents, params, decodeStartAgentsResult);
  }

  listInstances(params: ListInstancesParams): Promise<ListInstancesResult | undefined> {
    return this.#call(PluginMethod.listInstances, params, decodeListInstancesResult);
  }

  statusReport(params: StatusReportParams): Promise<StatusReportResult | undefined> {
    return this.#call(PluginMethod.statusReport, params, decodeStatusReportResult);
  }

  async stopAgent(params: StopAgentParams): Promise<void> {
    await this.#call(PluginMethod.stopAgent, params, decodeNull);
  }

  async tell(method: Events, params: object): Promise<void> {
    await this.#call(method, params, decodeNull);
  }

  /** Whether a request that nobody knows is refused. */
  async refusesUnknown(): Promise<boolean> {
    try {
      await withDeadline(() => this.connection.sendRequest('make-coffee', {}), 10_000);
      return false;
    } catch (error) {
      return !describeError(error).includes('Not done within');
    }
  }

  async #call<R>(
    method: PluginMethod,
    params: object,
    decode: (value: unknown) => R,
  ): Promise<R | undefined> {
    if (this.#unanswered >= GIVE_UP || this.#violations.has('speaks-frames'))
      throw new PluginSilent('The plugin does not answer any more');
    const since = systemClock.monotonic();
    try {
      const answer = await withDeadline(
        () => this.connection.sendRequest<unknown>(method, params),
        DEADLINES_MS[method],
      );
      this.#unanswered = 0;
      return decode(answer);
    } catch (error) {
      const message = describeError(error);
      if (message.includes('Not done within'))
        this.#violations.add('answers-in-time', `${method}: ${message}`);
      else this.#violations.add('answers-well', `${method}: ${message}`);
      return undefined;
    } finally {
      const before = this.#took.get(method) ?? { count: 0, maxMs: 0 };
      const ms = systemClock.monotonic() - since;
      this.#took.set(method, { count: before.count + 1, maxMs: Math.max(before.maxMs, ms) });
    }
  }
}

function decodeNull(value: unknown): null {
  if (value === null || value === undefined) return null;
  throw new Error('expected null');
}
