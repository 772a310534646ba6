// From a task of the configuration to the builder on the wire (reference: agent-protocol 4.9, 4.10).

import { posix } from 'node:path';
import type { Builder, FetchHandler } from '@go-agent/protocol';
import { type JobPlan, sourceKey } from './job-plan.ts';
import type {
  BuildToolTaskConfig,
  ExecTaskConfig,
  FetchTaskConfig,
  PluginTaskConfig,
  TaskConfig,
} from './pipeline-config.ts';

export interface BuilderContext {
  readonly pipeline: string;
  readonly sources: JobPlan['sources'];
  /** Opens what is sealed. */
  readonly open: (sealed: string) => string;
}

const MS_PER_MINUTE = 60_000;

const NOTHING: Builder = { type: 'NullBuilder', exitCode: -1, conditions: [], description: 'NULL' };

const KILL_ALL: Builder = {
  type: 'BuilderForKillAllChildTask',
  currentProcess: {},
  cancelAttempted: false,
  exitCode: -1,
  conditions: [],
  description: 'Kills child processes',
  cancelBuilder: NOTHING,
};

type Common = Pick<Builder, 'exitCode' | 'conditions' | 'timeoutMs'> & { readonly cancelBuilder: Builder };

/** A stock agent hangs on cancel without a `cancelBuilder`, so each has one. */
export function taskBuilder(task: TaskConfig, context: BuilderContext): Builder {
  const common: Common = {
    exitCode: -1,
    conditions: task.runIf.map((status) => ({ status, configErrors: {} })),
    cancelBuilder: task.onCancel === undefined ? KILL_ALL : taskBuilder(task.onCancel, context),
    ...(task.timeoutMinutes === undefined ? {} : { timeoutMs: task.timeoutMinutes * MS_PER_MINUTE }),
  };
  switch (task.type) {
    case 'exec':
      return execBuilder(task, common, context);
    case 'ant':
    case 'rake':
    case 'nant':
      return buildToolBuilder(task, common, context);
    case 'fetch':
      return fetchBuilder(task, common, context);
    case 'plugin':
      return pluginBuilder(task, common, context);
  }
  return task satisfies never;
}

function execBuilder(task: ExecTaskConfig, common: Common, context: BuilderContext): Builder {
  const workingDir = { path: workingFolder(context.pipeline, task.workingDirectory) };
  const { command } = task;
  const shared = { ...common, command, workingDir, errorString: '' };
  if (task.arguments.length === 0)
    return { type: 'CommandBuilder', ...shared, args: '', description: command };
  const description = [command, ...task.arguments].map(shellQuoted).join(' ');
  return { type: 'CommandBuilderWithArgList', ...shared, args: [...task.arguments], description };
}

function buildToolBuilder(task: BuildToolTaskConfig, common: Common, context: BuilderContext): Builder {
  const fileFlag = task.type === 'nant' ? '-buildfile:' : '-f ';
  const buildFile = task.buildFile === undefined ? '' : `${fileFlag}"${task.buildFile}"`;
  const args = [buildFile, task.target ?? ''].filter((part) => part !== '').join(' ');
  const command =
    task.type === 'nant' && task.nantPath !== undefined ? posix.join(task.nantPath, 'nant') : task.type;
  const where = task.workingDirectory === undefined ? '' : ` (workingDirectory: ${task.workingDirectory})`;
  return {
    type: 'CommandBuilder',
    ...common,
    command,
    args,
    workingDir: { path: workingFolder(context.pipeline, task.workingDirectory) },
    errorString: task.type === 'rake' ? '' : 'BUILD FAILED',
    description: `${[command, args].filter((part) => part !== '').join(' ')}${where}`,
  };
}

function fetchBuilder(task: FetchTaskConfig, common: Common, context: BuilderContext): Builder {
  const pipeline = task.pipeline ?? context.pipeline;
  const source = context.sources[sourceKey(pipeline, task.stage)];
  const folder = workingFolder(context.pipeline, task.destination);
  const checksumValidationPublisher = {
    md5NotFoundPaths: [],
    md5MismatchPaths: [],
    md5ChecksumFileWasNotFound: false,
  };
  const file = { path: posix.join(folder, posix.basename(task.source)) };
  const handler: FetchHandler = task.isFile
    ? { type: 'FileHandler', artifact: file, srcFile: task.source, checksumValidationPublisher }
    : {
        type: 'DirHandler',
        srcFile: task.source,
        destOnAgent: { path: folder },
        checksumValidationPublisher,
      };
  return {
    type: 'FetchArtifactBuilder',
    ...common,
    jobIdentifier: {
      pipelineName: source?.pipeline ?? pipeline,
      pipelineCounter: source?.counter ?? 0,
      pipelineLabel: source?.label ?? 'latest',
      stageName: source?.stage ?? task.stage,
      buildName: task.job,
      buildId: 0,
      stageCounter: source?.stageCounter ?? 'latest',
    },
    srcdir: task.source,
    dest: task.destination,
    handler,
    checksumFileHandler: {
      checksumFile: { path: posix.join(folder, `${pipeline}_${task.stage}_${task.job}_md5.checksum`) },
    },
    description: `fetch artifact [${task.source}] => [${task.destination}] from [${pipeline}/${task.stage}/${task.job}]`,
  };
}

function pluginBuilder(task: PluginTaskConfig, common: Common, context: BuilderContext): Builder {
  const options = task.options.map(
    ({ name, value, secure }) => [name, secure ? { value: context.open(value), secure } : { value }] as const,
  );
  return {
    type: 'PluggableTaskBuilder',
    ...common,
    workingDir: workingFolder(context.pipeline, task.workingDirectory),
    pluginId: task.pluginId,
    pluginConfig: Object.fromEntries(options),
    description: `Plugin with ID: ${task.pluginId}`,
  };
}

/** Relative to the agent's home, with `/`. */
export function workingFolder(pipeline: string, inside = ''): string {
  return posix.join('pipelines', pipeline, inside);
}

function shellQuoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `"${word.replace(/(["\\$`])/g, '\\$1')}"`;
}
