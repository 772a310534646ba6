// The line through the server: below it the core (domain, store, scheduler, materials, config), above it the edge (agent-api, api,
// cli). The edge decodes, authorises and words; the core decides and remembers. `createCore` in core/ makes the one implementation.

import type {
  AgentInstruction,
  AgentRuntimeInfo,
  JobIdentifier,
  JobResult as WireJobResult,
  JobState as WireJobState,
  Work,
} from '@go-agent/protocol';
import type { Service } from '@go-agent/runtime';
import type { RolloutDesk } from './bundles/rollout/rollout-desk.ts';
import type { ElasticDesk } from './core-elastic.ts';
import type { CommandOutcome } from './domain/command-outcome.ts';
import type {
  AgentView,
  ElasticAgentView,
  HealthMessage,
  JobView,
  JobWaitView,
  PipelineInstanceView,
  PipelineStatusView,
  StageStatusView,
  StageView,
} from './domain/views.ts';

/** How long a request may be held, and what ends the holding early (client gone, server stopping). */
export interface Hold {
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface RegistrationForm {
  readonly hostName: string;
  readonly uuid: string;
  readonly location: string;
  readonly usableSpace: string;
  readonly operatingSystem: string;
  readonly autoRegisterKey: string;
  readonly autoRegisterResources: readonly string[];
  readonly autoRegisterEnvironments: readonly string[];
  readonly autoRegisterHostName: string;
  readonly elasticAgentId: string;
  readonly elasticPluginId: string;
  readonly token: string;
  /** Remote address of the connection. */
  readonly ipAddress: string;
  /** The agent runs on this machine, as far as that can be seen. */
  readonly isLocal: boolean;
}

export type RegistrationOutcome =
  | { readonly type: 'registered' }
  | { readonly type: 'pending' }
  | { readonly type: 'bad-token' }
  | { readonly type: 'rejected'; readonly message: string };

export type TokenOutcome =
  | { readonly type: 'issued'; readonly token: string }
  | { readonly type: 'conflict'; readonly message: string };

/** Reference: agent-protocol 2, 3; server-agents-jobs-elastic 1. */
export interface AgentDesk {
  token(uuid: string): Promise<TokenOutcome>;
  register(form: RegistrationForm): Promise<RegistrationOutcome>;
  /** True if the uuid is registered (enabled or disabled) and the token is its HMAC. Constant time, no I/O: asked at every request. */
  authenticate(uuid: string, token: string): boolean;
  /** A new cookie that replaces the stored one. @throws AppError `agent-unknown` */
  newCookie(uuid: string): Promise<string>;
  /** @throws AppError `agent-cookie` if the cookie is missing or not the newest. Held until the instruction is another than the agent has heard. */
  ping(info: AgentRuntimeInfo, hold: Hold): Promise<AgentInstruction>;
  list(): Promise<readonly AgentView[]>;
  get(uuid: string): Promise<AgentView | undefined>;
  update(
    uuid: string,
    change: {
      readonly configState?: 'enabled' | 'disabled';
      readonly hostName?: string;
      readonly resources?: readonly string[];
      readonly environments?: readonly string[];
    },
  ): Promise<CommandOutcome<AgentView>>;
  /** Tells the agent to kill what is left of its cancelled job (server-agents-jobs-elastic 1.3). */
  killRunningTasks(uuid: string): Promise<CommandOutcome>;
  /** Only a disabled agent without a running job, or a missing or lost one, may be deleted. */
  remove(uuid: string): Promise<CommandOutcome>;
}

/** Reference: agent-protocol 4.5, 4.7; server-agents-jobs-elastic 2. */
export interface WorkDesk {
  /** Held until there is work for this agent, the offered bundles change, or the wait is over (NoWork). */
  work(info: AgentRuntimeInfo, hold: Hold): Promise<Work>;
  /** @throws AppError `agent-cookie`, `job-not-yours` (reported as 500, reference 4.5). A cancelled or rescheduled job: accepted, ignored. */
  reportState(info: AgentRuntimeInfo, job: JobIdentifier, state: WireJobState): Promise<void>;
  reportCompleting(info: AgentRuntimeInfo, job: JobIdentifier, result: WireJobResult): Promise<void>;
  /** Idempotent: the same report again is accepted and changes nothing. */
  reportCompleted(info: AgentRuntimeInfo, job: JobIdentifier, result: WireJobResult): Promise<void>;
  isIgnored(info: AgentRuntimeInfo, job: JobIdentifier): Promise<boolean>;
  /** The agent asks for the bundles' state before each request for work; a new bundle ends all held requests. */
  releaseHeldRequests(): void;
  /** Console bytes arrived: the job is alive. No I/O. */
  noteConsoleActivity(jobId: number): void;
}

export interface TriggerOptions {
  readonly approver: string;
  /** Poll the materials first. Default true. */
  readonly updateMaterials?: boolean;
  /** Overrides of variables that the pipeline has. */
  readonly variables?: readonly TriggerVariable[];
  /** Of the materials of the pipeline; the others are run at their newest revisions. */
  readonly materials?: readonly ChosenMaterial[];
}

/** `revision`: of git also its beginning; of an upstream pipeline `pipeline/counter/stage/stagecounter`. */
export interface ChosenMaterial {
  readonly fingerprint: string;
  readonly revision: string;
}

/** `sealed`: by this server. A secure value is sealed and masked also if the pipeline's own is plain. */
export type TriggerVariable =
  | { readonly name: string; readonly value: string; readonly secure: boolean }
  | { readonly name: string; readonly sealed: string };

/** Reference: server-config-api 2, 3.2, 3.3. */
export interface PipelineDesk {
  /** Accepted means: a pipeline instance will be made, or a health message will say why not. */
  trigger(pipeline: string, options: TriggerOptions): Promise<CommandOutcome>;
  names(): readonly { readonly name: string; readonly group: string }[];
  status(pipeline: string): Promise<PipelineStatusView | undefined>;
  /** Of all pipelines, in the order of the configuration. */
  stageStatuses(): Promise<readonly StageStatusView[]>;
  pause(pipeline: string, by: string, reason: string): Promise<CommandOutcome>;
  unpause(pipeline: string): Promise<CommandOutcome>;
  /** Newest first. `after`/`before` are instance ids (server-config-api 3.2). */
  history(
    pipeline: string,
    page: { readonly size: number; readonly after?: number; readonly before?: number },
  ): Promise<{
    readonly instances: readonly PipelineInstanceView[];
    readonly hasNewer: boolean;
    readonly hasOlder: boolean;
  }>;
  instance(pipeline: string, counter: number): Promise<PipelineInstanceView | undefined>;
  stage(
    pipeline: string,
    counter: number,
    stage: string,
    stageCounter: number,
  ): Promise<StageView | undefined>;
  /** Runs a stage of an instance: one that waits for manual approval, or again. Answers the stage's counter. */
  runStage(pipeline: string, counter: number, stage: string, by: string): Promise<CommandOutcome<number>>;
  cancelStage(
    pipeline: string,
    counter: number,
    stage: string,
    stageCounter: number,
    by: string,
  ): Promise<CommandOutcome>;
  /** Names without regard to case; `latest` for either counter. Asked at each file request: answered from memory where it can be. */
  findJob(locator: {
    readonly pipeline: string;
    readonly counter: number | 'latest';
    readonly stage: string;
    readonly stageCounter: number | 'latest';
    readonly job: string;
  }): Promise<JobView | undefined>;
  job(jobId: number): Promise<JobView | undefined>;
}

/** What happened, for those who wait: long polls, `logs -f`, `npm start`'s progress, elastic plugins. In the order in which it happened. */
export type ServerEvent =
  | {
      readonly type: 'pipeline-scheduled';
      readonly pipeline: string;
      readonly counter: number;
      readonly label: string;
    }
  | {
      readonly type: 'stage-changed';
      readonly pipeline: string;
      readonly counter: number;
      readonly stage: StageView;
    }
  | { readonly type: 'job-changed'; readonly job: JobView }
  /** A job for elastic agents, or one that no agent can take, waits for another reason than before. */
  | { readonly type: 'job-waiting'; readonly job: JobView; readonly wait: JobWaitView }
  | { readonly type: 'agent-changed'; readonly agent: AgentView }
  /** Also before it registers, and when it is gone. */
  | { readonly type: 'elastic-agent-changed'; readonly agent: ElasticAgentView }
  | { readonly type: 'config-changed' }
  | { readonly type: 'health-changed' };

export interface EventBus {
  publish(event: ServerEvent): void;
  subscribe(listener: (event: ServerEvent) => void): Disposable;
}

/** Where logs and artifacts are kept; implemented by artifacts/ at the edge, told by the core when a job is over. */
export interface JobFiles {
  /** Makes what has been written durable (fsync) and moves the console to its permanent place. Before a completed report is accepted. */
  seal(job: JobView): Promise<void>;
  /** Adds a line of the server's own to the job's console: why it was cancelled, for example. */
  note?(job: JobView, line: string): Promise<void>;
}

export interface ServerCore {
  readonly elastic: ElasticDesk;
  readonly agents: AgentDesk;
  readonly work: WorkDesk;
  readonly pipelines: PipelineDesk;
  readonly events: EventBus;
  /** Who is offered which release of the agent's software. */
  readonly rollout: RolloutDesk;
  /** Why jobs wait, by job id, for one answer at one moment; undefined if a job only waits for its turn. */
  waits(): (jobId: number) => JobWaitView | undefined;
  health(): readonly HealthMessage[];
  /** Seals a text for `secure_variables` and `encrypted_password` of this server's pipeline files. */
  encrypt(plain: string): string;
  /** Polling, timers, reaping of lost agents. Run by main until the server stops. */
  readonly services: readonly Service[];
  [Symbol.asyncDispose](): Promise<void>;
}

export interface CoreOptions {
  /** Folder for the database. */
  readonly dataDir: string;
  /** Folder of `*.gocd.yaml` and `*.yaml` pipeline files. Watched. */
  readonly pipelinesDir: string;
  readonly serverUrl: string;
  /** Empty: no agent can register itself by key. Made at first start otherwise. */
  readonly autoRegisterKey: string;
  /** Loopback agents are enabled without a key (reference 2.5). */
  readonly autoRegisterLocalAgents: boolean;
  readonly materialPollMs: number;
  /** An agent not heard from for this long is lost and its job is scheduled again. */
  readonly lostContactMs: number;
  readonly files: JobFiles;
  /** Folders of elastic agent plugins. */
  readonly pluginFolders?: readonly string[];
  /** The process's environment; plugins get the few variables that are harmless. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}
