// An elastic plugin as the broker sees it, whatever its dialect.

import type {
  AgentEventParams,
  AssignWorkParams,
  AssignWorkResult,
  ElasticCluster,
  JobCancelledParams,
  JobFinishedParams,
  JobRescheduledParams,
  ListInstancesResult,
  StartAgentsParams,
  StartAgentsResult,
  StopAgentParams,
  TickParams,
} from '@go-agent/protocol/elastic';

/** In the order in which it happened. */
export type ProviderEvent =
  | {
      readonly type: 'job-finished';
      readonly params: JobFinishedParams;
      /** Where its agent is, if that is known. */
      readonly cluster?: ElasticCluster;
    }
  | { readonly type: 'job-cancelled'; readonly params: JobCancelledParams }
  | { readonly type: 'job-rescheduled'; readonly params: JobRescheduledParams }
  | { readonly type: 'agent-event'; readonly params: AgentEventParams }
  | { readonly type: 'tick'; readonly params: TickParams };

/** All of it may fail or never be answered; each call has a deadline of its own, and nobody else waits for it. */
export interface ElasticProvider {
  readonly pluginId: string;
  /** Why it cannot be asked now, for people; undefined: it can. */
  readonly unavailable: string | undefined;
  /** False for a plugin that takes its agents down in its own time once they are disabled (v5). */
  readonly stopsAgents: boolean;
  assignWork(params: AssignWorkParams): Promise<AssignWorkResult>;
  startAgents(params: StartAgentsParams): Promise<StartAgentsResult>;
  stopAgent(params: StopAgentParams): Promise<void>;
  /** @param isFormer this is where a cluster was before: that there is no answer says nothing of the plugin */
  listInstances(clusters: readonly ElasticCluster[], isFormer?: boolean): Promise<ListInstancesResult>;
  /** Never waits. What becomes of jobs and agents is kept while the plugin is away, as long as the server runs and it is not too much. */
  tell(event: ProviderEvent): void;
}

export interface ProviderSource {
  /** Undefined: there is no such plugin. */
  provider(pluginId: string): ElasticProvider | undefined;
}
