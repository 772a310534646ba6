// What the core tells the edge (REST, agent protocol, CLI, web): plain data, times in epoch milliseconds, states in our words.
// Mapping to GoCD's words and shapes happens at the edge only.

export type JobState =
  | 'scheduled'
  | 'assigned'
  | 'preparing'
  | 'building'
  | 'completing'
  | 'completed'
  | 'rescheduled';
export type JobResult = 'unknown' | 'passed' | 'failed' | 'cancelled';
export type StageState = 'building' | 'passed' | 'failed' | 'failing' | 'cancelled';
export type AgentDisplayState =
  | 'pending'
  | 'idle'
  | 'preparing'
  | 'building'
  | 'cancelled'
  | 'lost-contact'
  | 'missing'
  | 'disabled';

export interface AgentView {
  readonly uuid: string;
  readonly hostName: string;
  readonly ipAddress: string;
  readonly sandbox: string;
  readonly operatingSystem: string;
  readonly freeSpace: number | 'unknown';
  readonly agentVersion: string;
  readonly bootstrapperVersion: string;
  readonly configState: 'pending' | 'enabled' | 'disabled';
  readonly state: AgentDisplayState;
  readonly resources: readonly string[];
  readonly environments: readonly string[];
  /** Those of them that no pipeline file has; absent if there are none. */
  readonly unknownEnvironments?: readonly string[];
  /** The job it works on, while it works on one. */
  readonly building?: JobLocatorView;
  readonly lastHeardAt?: number;
  readonly elastic?: { readonly agentId: string; readonly pluginId: string };
}

/** An elastic agent from its registration key to its end, whether it is registered or not. */
export interface ElasticAgentView {
  /** The server's own number of it. */
  readonly id: number;
  readonly pluginId: string;
  /** Unknown until it registers where the plugin chooses it alone (v5). */
  readonly agentId?: string;
  readonly clusterId: string;
  readonly profileId: string;
  /** `retiring`: it gets no job any more, and is on its way out. */
  readonly phase: 'starting' | 'registered' | 'retiring' | 'gone';
  /** Why it had to go. */
  readonly stopReason?: string;
  readonly uuid?: string;
  readonly jobsGiven: number;
}

export interface JobLocatorView {
  readonly pipeline: string;
  readonly counter: number;
  readonly label: string;
  readonly stage: string;
  readonly stageCounter: number;
  readonly job: string;
  readonly jobId: number;
}

export interface JobView extends JobLocatorView {
  readonly state: JobState;
  readonly result: JobResult;
  readonly scheduledAt: number;
  readonly agentUuid?: string;
  /** Of the agent that has or had it; known also when that is gone. */
  readonly elasticAgent?: { readonly agentId: string; readonly pluginId: string; readonly profileId: string };
  /** Times at which each state was entered. */
  readonly transitions: readonly { readonly id: number; readonly state: JobState; readonly at: number }[];
  /** True once the server has taken its assignment back; such a job never counts. */
  readonly superseded: boolean;
}

/** Why a job waits. Times in epoch milliseconds. */
export interface JobWaitView {
  /**
   * What the plugin answered last; `unanswered`: it could not, `asking`: it is being asked for the first time. `no-agent`: the job is
   * not for elastic agents, and no agent can take it.
   */
  readonly action: 'assign' | 'hold' | 'wait' | 'decline' | 'unanswered' | 'asking' | 'no-agent';
  readonly reason: string;
  /** This and what follows: of a job for elastic agents. */
  readonly profileId?: string;
  readonly clusterId?: string;
  readonly pluginId?: string;
  readonly answeredAt?: number;
  /** It is asked again then at the latest. */
  readonly askAgainAt?: number;
}

export interface StageView {
  readonly id: number;
  readonly name: string;
  readonly counter: number;
  readonly state: StageState;
  readonly approval: 'manual' | 'success';
  readonly approvedBy: string;
  /** False for a stage of the configuration that has not run in this pipeline instance: it has no id, counter 0 and no jobs. */
  readonly scheduled: boolean;
  readonly canRun: boolean;
  readonly rerunOfCounter?: number;
  readonly cancelledBy?: string;
  readonly createdAt: number;
  readonly completedAt?: number;
  readonly jobs: readonly JobView[];
}

/** A run of a stage, with the instance of the pipeline that it belongs to. */
export interface StageRunView {
  readonly counter: number;
  readonly label: string;
  readonly stage: StageView;
}

/** A stage of the configuration, with its newest runs in whatever instances. */
export interface StageStatusView {
  readonly pipeline: string;
  readonly stage: string;
  /** As the configuration has them now; of one that runs several times, each. */
  readonly jobs: readonly string[];
  /** Undefined: it has never run. */
  readonly newest: StageRunView | undefined;
  /** The newest that has ended; if none has, the newest. */
  readonly last: StageRunView | undefined;
}

export interface ModificationView {
  readonly id: number;
  readonly revision: string;
  readonly modifiedAt: number;
  readonly userName: string;
  readonly comment: string;
  readonly emailAddress?: string;
}

export interface MaterialRevisionView {
  readonly materialType: string;
  readonly materialName: string;
  readonly fingerprint: string;
  readonly description: string;
  readonly changed: boolean;
  readonly modifications: readonly ModificationView[];
}

export interface PipelineInstanceView {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly counter: number;
  readonly label: string;
  readonly scheduledAt: number;
  readonly comment?: string;
  readonly buildCause: {
    readonly approver: string;
    readonly message: string;
    readonly triggerForced: boolean;
    readonly materialRevisions: readonly MaterialRevisionView[];
  };
  readonly stages: readonly StageView[];
}

export interface PipelineStatusView {
  readonly name: string;
  readonly group: string;
  readonly paused: boolean;
  readonly pausedBy?: string;
  readonly pausedReason?: string;
  readonly locked: boolean;
  readonly schedulable: boolean;
}

/** A problem that an operator should see (`/go/api/server_health_messages`, terminal, log). Ends by itself when mended. */
export interface HealthMessage {
  readonly scope: string;
  readonly level: 'warning' | 'error';
  readonly message: string;
  readonly detail: string;
  readonly at: number;
}
