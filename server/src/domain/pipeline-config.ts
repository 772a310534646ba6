// The validated model of pipelines as code (reference: server-config-api part 1). Secrets in it are sealed: text that only this
// server's SecretBox opens.

export interface VariableConfig {
  readonly name: string;
  /** Sealed if `secure`. */
  readonly value: string;
  readonly secure: boolean;
}

export interface GitMaterialConfig {
  readonly type: 'git';
  readonly fingerprint: string;
  readonly name?: string;
  /** Without credentials. */
  readonly url: string;
  /** A branch, or `source:destination` with absolute source. */
  readonly branch: string;
  readonly username?: string;
  readonly sealedPassword?: string;
  readonly destination?: string;
  readonly shallowClone: boolean;
  /** False: polled only when somebody triggers the pipeline. */
  readonly autoUpdate: boolean;
  readonly filter: MaterialFilterConfig;
}

/** `ignore`: all files of a change match one. `includes`: none of them does. Either way the change starts nothing. */
export interface MaterialFilterConfig {
  readonly mode: 'ignore' | 'includes';
  readonly patterns: readonly string[];
}

export interface DependencyMaterialConfig {
  readonly type: 'dependency';
  readonly fingerprint: string;
  readonly name?: string;
  readonly pipeline: string;
  readonly stage: string;
  readonly ignoreForScheduling: boolean;
}

export type MaterialConfig = GitMaterialConfig | DependencyMaterialConfig;

export type RunIfConfig = 'passed' | 'failed' | 'any';

interface TaskFields {
  /** Empty: only if all before it passed. */
  readonly runIf: readonly RunIfConfig[];
  /** What to run when the task is cancelled; absent: end its processes. */
  readonly onCancel?: TaskConfig;
  /** Longer than this, in minutes, and the task is ended and has failed; absent: as long as it likes. Never 0. */
  readonly timeoutMinutes?: number;
}

export interface ExecTaskConfig extends TaskFields {
  readonly type: 'exec';
  readonly command: string;
  readonly arguments: readonly string[];
  readonly workingDirectory?: string;
}

export interface BuildToolTaskConfig extends TaskFields {
  readonly type: 'ant' | 'rake' | 'nant';
  readonly buildFile?: string;
  readonly target?: string;
  readonly workingDirectory?: string;
  readonly nantPath?: string;
}

export interface FetchTaskConfig extends TaskFields {
  readonly type: 'fetch';
  /** Absent: the pipeline of the task. */
  readonly pipeline?: string;
  readonly stage: string;
  readonly job: string;
  readonly source: string;
  readonly isFile: boolean;
  readonly destination: string;
}

export interface PluginTaskConfig extends TaskFields {
  readonly type: 'plugin';
  readonly pluginId: string;
  readonly options: readonly VariableConfig[];
  readonly workingDirectory?: string;
}

export type TaskConfig = ExecTaskConfig | BuildToolTaskConfig | FetchTaskConfig | PluginTaskConfig;

export interface ArtifactConfig {
  readonly type: 'build' | 'test';
  readonly source: string;
  readonly destination: string;
}

export interface JobConfig {
  readonly name: string;
  readonly resources: readonly string[];
  readonly elasticProfileId?: string;
  /** Minutes without console output; 0: the server's default. */
  readonly timeoutMinutes: number;
  /** Absent: one, and the job keeps its name. */
  readonly runInstances?: number;
  readonly variables: readonly VariableConfig[];
  readonly artifacts: readonly ArtifactConfig[];
  readonly tasks: readonly TaskConfig[];
}

export interface StageConfig {
  readonly name: string;
  readonly approval: 'success' | 'manual';
  /** Its first run needs the stage before it to have passed. */
  readonly allowOnlyOnSuccess: boolean;
  readonly fetchMaterials: boolean;
  readonly cleanWorkspace: boolean;
  readonly keepArtifacts: boolean;
  readonly variables: readonly VariableConfig[];
  readonly jobs: readonly JobConfig[];
}

export interface PipelineConfig {
  readonly name: string;
  readonly group: string;
  readonly labelTemplate: string;
  readonly displayOrder: number;
  readonly variables: readonly VariableConfig[];
  readonly materials: readonly MaterialConfig[];
  readonly stages: readonly StageConfig[];
}

export interface EnvironmentConfig {
  readonly name: string;
  readonly variables: readonly VariableConfig[];
  readonly pipelines: readonly string[];
  readonly agents: readonly string[];
}
