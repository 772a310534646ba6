// Jobs (reference: server-config-api 1.7).

import { jobNameProblem, resourceProblem } from '../../domain/names.ts';
import type { ArtifactConfig, JobConfig, TaskConfig } from '../../domain/pipeline-config.ts';
import { listOf, namedMap, oneKeyMap, strictMap } from './collections.ts';
import { andThen, type Context, parseInto, report, type Schema } from './parse-into.ts';
import { relativePath } from './relative-path.ts';
import { ignored, nonBlank, optional, text, wholeNumber } from './scalars.ts';
import { taskSchema } from './task-schema.ts';
import { mergedVariables, type Secrets, variableKeys } from './variables.ts';

const resource: Schema<string> = andThen(nonBlank, (name, context) => {
  const problem = resourceProblem(name);
  if (problem !== undefined) report(context, [], problem);
  return name.trim();
});

const artifactKeys = strictMap('an artifact', { source: nonBlank, destination: optional(relativePath, '') });

const artifact: Schema<ArtifactConfig> = oneKeyMap('an artifact', (key, value, context) => {
  const type = key.toLowerCase();
  if (type === 'external')
    report(context, [key], 'artifacts of plugins are not supported by this server yet');
  else if (type !== 'build' && type !== 'test') {
    report(context, [key], `expected build:, test:, or external: in artifact, got ${key}`);
  }
  return { type: type === 'test' ? 'test' : 'build', ...parseInto(artifactKeys, value, [key], context) };
});

/** The keys that a stage with one job of its own name has as well. */
export function jobOnlyKeys(secrets: Secrets) {
  return {
    timeout: optional(wholeNumber({ min: 0 }), 0),
    run_instances: runInstances,
    resources: optional(listOf('resource', resource), []),
    elastic_profile_id: optional(nonBlank),
    artifacts: optional(listOf('artifact', artifact), []),
    tabs: ignored,
    properties: ignored,
    tasks: optional(tasksSchema(secrets)),
  };
}

export function jobsSchema(secrets: Secrets): Schema<JobConfig[]> {
  const keys = strictMap('a job', { ...jobOnlyKeys(secrets), ...variableKeys(secrets) });
  const named = namedMap(
    'job',
    (name) =>
      andThen(keys, (raw, context) => {
        if (raw.tasks === undefined) report(context, [], 'tasks are required in a job');
        checkElasticJob(raw, context);
        return jobOf(name, raw, mergedVariables(raw, context));
      }),
    { problemOf: jobNameProblem },
  );
  return andThen(named, (jobs, context) => {
    if (jobs.length === 0) report(context, [], 'Stage has no jobs');
    return jobs;
  });
}

interface RawJob {
  readonly timeout: number;
  readonly run_instances: number | undefined;
  readonly resources: readonly string[];
  readonly elastic_profile_id: string | undefined;
  readonly artifacts: readonly ArtifactConfig[];
  readonly tasks: readonly TaskConfig[] | undefined;
}

export function jobOf(name: string, raw: RawJob, variables: JobConfig['variables']): JobConfig {
  return {
    name,
    resources: raw.resources,
    ...(raw.elastic_profile_id === undefined ? {} : { elasticProfileId: raw.elastic_profile_id }),
    timeoutMinutes: raw.timeout,
    ...(raw.run_instances === undefined ? {} : { runInstances: raw.run_instances }),
    variables,
    artifacts: raw.artifacts,
    tasks: raw.tasks ?? [],
  };
}

function tasksSchema(secrets: Secrets): Schema<TaskConfig[]> {
  return andThen(listOf('task', taskSchema(secrets)), (tasks, context) => {
    if (tasks.length === 0) report(context, [], 'a job must have at least one task');
    return tasks;
  });
}

const runInstances: Schema<number | undefined> = andThen(optional(text), (value, context) => {
  if (value === undefined) return undefined;
  if (value.toLowerCase() === 'all') {
    report(context, [], 'run_instances: all is not supported by this server yet; give a number');
    return undefined;
  }
  return parseInto(wholeNumber({ min: 1 }), value, [], context);
});

export function checkElasticJob(
  raw: Pick<RawJob, 'resources' | 'elastic_profile_id'>,
  context: Context,
): void {
  if (raw.elastic_profile_id !== undefined && raw.resources.length > 0)
    report(context, ['elastic_profile_id'], 'Job cannot have both `resource` and `elasticProfileId`');
}
