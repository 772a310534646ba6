// Tasks (reference: server-config-api 1.8).

import type {
  BuildToolTaskConfig,
  ExecTaskConfig,
  FetchTaskConfig,
  PluginTaskConfig,
  RunIfConfig,
  TaskConfig,
} from '../../domain/pipeline-config.ts';
import { didYouMean } from '../did-you-mean.ts';
import { listOf, oneKeyMap, strictMap } from './collections.ts';
import { andThen, parseInto, reader, report, type Schema } from './parse-into.ts';
import { relativePath } from './relative-path.ts';
import { flag, nonBlank, oneOf, optional, text, unsupported, wholeNumber } from './scalars.ts';
import { plainVariables, type Secrets, secureVariables } from './variables.ts';

const KINDS = ['exec', 'script', 'ant', 'rake', 'nant', 'fetch', 'plugin'] as const;
type Kind = (typeof KINDS)[number];

const SCRIPT_PLUGIN = 'script-executor';

const runIf: Schema<readonly RunIfConfig[]> = andThen(
  optional(oneOf(['passed', 'failed', 'any'])),
  (status) => (status === undefined ? [] : [status]),
);

/** Minutes; 0 is none. GoCD has it for exec tasks alone, and its agents ignore it. */
const timeout = optional(wholeNumber({ min: 0 }), 0);

export function taskSchema(secrets: Secrets): Schema<TaskConfig> {
  const inCancel = kindsSchema(secrets, unsupported("Cannot nest 'oncancel' within a cancel task"));
  return kindsSchema(secrets, optional(inCancel));
}

function kindsSchema(secrets: Secrets, onCancel: Schema<TaskConfig | undefined>): Schema<TaskConfig> {
  const schemas: Readonly<Record<Kind, Schema<TaskConfig>>> = {
    exec: execSchema(onCancel),
    script: scriptSchema(onCancel),
    ant: buildToolSchema('ant', onCancel),
    rake: buildToolSchema('rake', onCancel),
    nant: buildToolSchema('nant', onCancel),
    fetch: fetchSchema(onCancel),
    plugin: pluginSchema(secrets, onCancel),
  };
  return oneKeyMap('a task', (key, value, context) => {
    const kind = KINDS.find((candidate) => candidate === key);
    if (kind !== undefined)
      return parseInto(schemas[kind], kind === 'script' ? value : (value ?? {}), [key], context);
    const near = didYouMean(key, KINDS);
    const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
    report(context, [key], `Invalid or unknown task type '${key}'.${hint} Allowed: ${KINDS.join(', ')}`);
    return NO_TASK;
  });
}

const NO_TASK: ExecTaskConfig = { type: 'exec', command: '', arguments: [], runIf: [] };

function execSchema(on_cancel: Schema<TaskConfig | undefined>): Schema<ExecTaskConfig> {
  const keys = strictMap('an exec task', {
    command: nonBlank,
    arguments: optional(listOf('argument', text), []),
    working_directory: optional(relativePath),
    run_if: runIf,
    timeout,
    on_cancel,
  });
  return andThen(keys, (raw) => ({
    type: 'exec',
    command: raw.command,
    arguments: raw.arguments,
    ...workingDirectory(raw.working_directory),
    ...common(raw),
  }));
}

/** GoCD leaves `script` to a plugin that it does not bring; agents of this server have it built in. */
function scriptSchema(on_cancel: Schema<TaskConfig | undefined>): Schema<PluginTaskConfig> {
  const keys = strictMap('a script task', {
    script: nonBlank,
    shell: optional(nonBlank),
    working_directory: optional(relativePath),
    timeout,
    run_if: runIf,
    on_cancel,
  });
  const alone: Schema<PluginTaskConfig> = andThen(nonBlank, (script) => scriptTask({ script }));
  const withKeys: Schema<PluginTaskConfig> = andThen(keys, (raw) => ({
    ...scriptTask(raw),
    ...workingDirectory(raw.working_directory),
    ...common(raw),
  }));
  return reader((value, context) => parseInto(isHash(value) ? withKeys : alone, value, [], context));
}

function scriptTask(raw: { readonly script: string; readonly shell?: string | undefined }): PluginTaskConfig {
  const options = [{ name: 'script', value: raw.script, secure: false }];
  if (raw.shell !== undefined) options.push({ name: 'shtype', value: raw.shell, secure: false });
  return { type: 'plugin', pluginId: SCRIPT_PLUGIN, options, runIf: [] };
}

function buildToolSchema(
  type: BuildToolTaskConfig['type'],
  on_cancel: Schema<TaskConfig | undefined>,
): Schema<BuildToolTaskConfig> {
  const keys = strictMap(`a ${type} task`, {
    build_file: optional(nonBlank),
    target: optional(text),
    working_directory: optional(relativePath),
    ...(type === 'nant' ? { nant_path: optional(nonBlank) } : {}),
    timeout,
    run_if: runIf,
    on_cancel,
  });
  return andThen(keys, (raw) => ({
    type,
    ...(raw.build_file === undefined ? {} : { buildFile: raw.build_file }),
    ...(raw.target === undefined ? {} : { target: raw.target }),
    ...(raw.nant_path === undefined ? {} : { nantPath: raw.nant_path }),
    ...workingDirectory(raw.working_directory),
    ...common(raw),
  }));
}

function fetchSchema(on_cancel: Schema<TaskConfig | undefined>): Schema<FetchTaskConfig> {
  const external = 'artifacts of plugins are not supported by this server yet';
  const keys = strictMap('a fetch task', {
    artifact_origin: optional(oneOf(['gocd']), 'gocd'),
    pipeline: optional(nonBlank),
    stage: nonBlank,
    job: nonBlank,
    source: nonBlank,
    is_file: optional(flag, false),
    destination: optional(relativePath, ''),
    artifact_id: unsupported(external),
    configuration: unsupported(external),
    timeout,
    run_if: runIf,
    on_cancel,
  });
  return andThen(keys, (raw, context) => {
    if (raw.pipeline?.includes('/')) {
      report(
        context,
        ['pipeline'],
        'fetching from an ancestor (a/b) is not supported by this server yet: name a direct upstream pipeline',
      );
    }
    return {
      type: 'fetch',
      ...(raw.pipeline === undefined ? {} : { pipeline: raw.pipeline }),
      stage: raw.stage,
      job: raw.job,
      source: raw.source,
      isFile: raw.is_file,
      destination: raw.destination,
      ...common(raw),
    };
  });
}

function pluginSchema(secrets: Secrets, on_cancel: Schema<TaskConfig | undefined>): Schema<PluginTaskConfig> {
  const keys = strictMap('a plugin task', {
    configuration: strictMap('the configuration of a plugin task', { id: nonBlank, version: optional(text) }),
    options: plainVariables,
    secure_options: secureVariables(secrets),
    timeout,
    run_if: runIf,
    on_cancel,
  });
  return andThen(keys, (raw) => ({
    type: 'plugin',
    pluginId: raw.configuration.id,
    options: [...raw.options, ...raw.secure_options],
    ...common(raw),
  }));
}

function workingDirectory(folder: string | undefined): { readonly workingDirectory?: string } {
  return folder === undefined ? {} : { workingDirectory: folder };
}

function common(raw: {
  readonly run_if: readonly RunIfConfig[];
  readonly on_cancel: TaskConfig | undefined;
  readonly timeout: number;
}) {
  return {
    runIf: raw.run_if,
    ...(raw.on_cancel === undefined ? {} : { onCancel: raw.on_cancel }),
    ...(raw.timeout === 0 ? {} : { timeoutMinutes: raw.timeout }),
  };
}

function isHash(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
