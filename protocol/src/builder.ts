import type { ArtifactStore, ConfigurationProperty } from './configuration-property.ts';
import type { ChecksumFileHandler, FetchHandler } from './fetch-handler.ts';
import type { JobIdentifier } from './job-identifier.ts';
import type { WireFile } from './wire-file.ts';

/** Reference 4.6. */
export const RUN_IF_STATUSES = ['passed', 'failed', 'any'] as const;
export type RunIfStatus = (typeof RUN_IF_STATUSES)[number];

/** When a task runs. A status that we do not know is left out: it matches no result. */
export interface RunIf {
  readonly status?: RunIfStatus;
  readonly configErrors?: Readonly<Record<string, unknown>>;
}

interface BuilderFields {
  /** -1: not known yet. Always -1 on the wire. */
  readonly exitCode: number;
  /** Empty: run if all passed so far. */
  readonly conditions: readonly RunIf[];
  /** Text of the console's `Task:` line. */
  readonly description: string;
  /** What to run on cancel. A stock agent hangs without one (reference 4.10); take a missing one as "kill all". */
  readonly cancelBuilder?: Builder;
  /** An extension: how long the task may take, in milliseconds. Absent: as long as it likes. A stock agent ignores it. */
  readonly timeoutMs?: number;
}

/** Exec task with `<arg>` elements. */
export interface CommandBuilderWithArgList extends BuilderFields {
  readonly type: 'CommandBuilderWithArgList';
  readonly args: readonly string[];
  readonly command: string;
  readonly workingDir: WireFile;
  /** An output line equal to this (trimmed, ignoring case) fails the task. Empty: none does. */
  readonly errorString: string;
}

/** Exec task with one argument string, and ant, rake, nant. */
export interface CommandBuilder extends BuilderFields {
  readonly type: 'CommandBuilder';
  /** Split at spaces only; `'..'` and `".."` quote; a backslash is literal (reference 4.9). */
  readonly args: string;
  readonly command: string;
  readonly workingDir: WireFile;
  readonly errorString: string;
}

export interface FetchArtifactBuilder extends BuilderFields {
  readonly type: 'FetchArtifactBuilder';
  /** The source job; its `buildId` is 0. */
  readonly jobIdentifier: JobIdentifier;
  readonly srcdir: string;
  readonly dest: string;
  readonly handler: FetchHandler;
  readonly checksumFileHandler: ChecksumFileHandler;
}

export interface FetchPluggableArtifactBuilder extends BuilderFields {
  readonly type: 'FetchPluggableArtifactBuilder';
  readonly jobIdentifier: JobIdentifier;
  readonly artifactId: string;
  readonly metadataFileDest: WireFile;
  readonly checksumFileHandler: ChecksumFileHandler;
  readonly artifactStore: ArtifactStore;
  readonly configuration: readonly ConfigurationProperty[];
  readonly metadataFileLocationOnServer: string;
}

export interface PluggableTaskBuilder extends BuilderFields {
  readonly type: 'PluggableTaskBuilder';
  /** A plain string here, unlike everywhere else (reference 4.9). */
  readonly workingDir: string;
  readonly pluginId: string;
  readonly pluginConfig: Readonly<Record<string, PluginConfigValue>>;
}

export interface PluginConfigValue {
  readonly value?: string;
  /** Not GoCD's: a server of ours says so of what the agent has to mask. Stock agents read `value` only. */
  readonly secure?: boolean;
}

/** The default on-cancel task: ends all processes below the agent. May arrive bare, as its `type` alone. */
export interface BuilderForKillAllChildTask extends BuilderFields {
  readonly type: 'BuilderForKillAllChildTask';
  readonly currentProcess?: Readonly<Record<string, unknown>>;
  readonly cancelAttempted?: boolean;
}

/** Does nothing. May arrive bare, as its `type` alone. */
export interface NullBuilder extends BuilderFields {
  readonly type: 'NullBuilder';
}

/** A task, by its Java class name (reference 4.9). */
export type Builder =
  | CommandBuilderWithArgList
  | CommandBuilder
  | FetchArtifactBuilder
  | FetchPluggableArtifactBuilder
  | PluggableTaskBuilder
  | BuilderForKillAllChildTask
  | NullBuilder;
