// A whole pipeline file (reference: server-config-api 1.1, 1.2, 1.4).

import type { ClusterProfile, ElasticAgentProfile } from '../../domain/elastic-profile.ts';
import { labelTemplateProblem, materialsOfLabel } from '../../domain/label.ts';
import { nameProblem, sameName } from '../../domain/names.ts';
import type { EnvironmentConfig, PipelineConfig } from '../../domain/pipeline-config.ts';
import { isMap, listOf, namedMap, strictMap } from './collections.ts';
import { clusterProfilesSchema, elasticProfilesSchema } from './elastic-schema.ts';
import { materialsSchema } from './material-schema.ts';
import { andThen, type Context, reader, report, type Schema } from './parse-into.ts';
import { ignored, nonBlank, optional, text, unsupported, wholeNumber } from './scalars.ts';
import { stagesSchema } from './stage-schema.ts';
import { mergedVariables, type Secrets, variableKeys } from './variables.ts';

/** The newest that GoCD's server accepts. */
const NEWEST_FORMAT = 11;

export interface PipelineFile {
  readonly pipelines: readonly PipelineConfig[];
  readonly environments: readonly EnvironmentConfig[];
  readonly clusterProfiles: readonly ClusterProfile[];
  readonly elasticProfiles: readonly ElasticAgentProfile[];
}

const EMPTY: PipelineFile = { pipelines: [], environments: [], clusterProfiles: [], elasticProfiles: [] };

export function fileSchema(secrets: Secrets): Schema<PipelineFile> {
  const pipelines = namedMap('pipeline', (name) => pipelineSchema(name, secrets), {
    problemOf: (name) => nameProblem('pipeline', name),
  });
  const environments = namedMap('environment', (name) => environmentSchema(name, secrets), {
    problemOf: (name) => nameProblem('environment', name),
  });
  const keys = strictMap('a pipeline file', {
    format_version: formatVersion,
    pipelines: optional(pipelines, []),
    environments: optional(environments, []),
    cluster_profiles: optional(clusterProfilesSchema(secrets), []),
    elastic_profiles: optional(elasticProfilesSchema(secrets), []),
    common: ignored,
  });
  const parsed = andThen(keys, (raw) => ({
    pipelines: raw.pipelines,
    environments: raw.environments,
    clusterProfiles: raw.cluster_profiles,
    elasticProfiles: raw.elastic_profiles,
  }));
  return reader((value, context) => {
    if (value === null || value === undefined) {
      report(context, [], 'File is empty');
      return EMPTY;
    }
    const result = parsed.safeParse(isMap(value) ? withLowerKeys(value) : value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) report(context, issue.path, issue.message);
    return EMPTY;
  });
}

const formatVersion: Schema<number> = andThen(optional(wholeNumber({ min: 1 }), 1), (version, context) => {
  if (version > NEWEST_FORMAT)
    report(context, [], `format_version is ${version} but this server supports ${NEWEST_FORMAT}`);
  return version;
});

function pipelineSchema(name: string, secrets: Secrets): Schema<PipelineConfig> {
  const keys = strictMap('a pipeline', {
    group: nonBlank,
    display_order: optional(wholeNumber({ min: -1 }), -1),
    label_template: optional(text, '${COUNT}'),
    locking: ignored,
    lock_behavior: lockBehavior,
    template: unsupported('templates are not supported by this server yet; give stages'),
    tracking_tool: ignored,
    timer: unsupported('timers are not supported by this server yet'),
    parameters: unsupported(
      'parameters are not supported by this server yet; use environment_variables or YAML anchors',
    ),
    materials: materialsSchema(secrets),
    stages: stagesSchema(secrets),
    ...variableKeys(secrets),
  });
  return andThen(keys, (raw, context) => {
    const groupProblem = nameProblem('group', raw.group);
    if (groupProblem !== undefined) report(context, ['group'], groupProblem);
    const pipeline: PipelineConfig = {
      name,
      group: raw.group,
      labelTemplate: raw.label_template,
      displayOrder: raw.display_order,
      variables: mergedVariables(raw, context),
      materials: raw.materials,
      stages: raw.stages,
    };
    checkLabel(pipeline, context);
    return pipeline;
  });
}

const lockBehavior: Schema<unknown> = andThen(optional(text, 'none'), (value, context) => {
  if (value === 'lockOnFailure' || value === 'unlockWhenFinished') {
    report(context, [], `lock_behavior "${value}" is not supported by this server yet`);
  } else if (value !== 'none') {
    report(
      context,
      [],
      `Lock behavior has an invalid value (${value}). Valid values are: [lockOnFailure, unlockWhenFinished, none]`,
    );
  }
  return value;
});

function checkLabel(pipeline: PipelineConfig, context: Context): void {
  const problem = labelTemplateProblem(pipeline.labelTemplate);
  if (problem !== undefined) report(context, ['label_template'], problem);
  for (const name of materialsOfLabel(pipeline.labelTemplate)) {
    if (pipeline.materials.some((material) => sameName(material.name ?? '', name))) continue;
    report(
      context,
      ['label_template'],
      `You have defined a label template in pipeline '${pipeline.name}' that refers to a material called '${name}', ` +
        'but no material with this name is defined.',
    );
  }
}

function environmentSchema(name: string, secrets: Secrets): Schema<EnvironmentConfig> {
  const keys = strictMap('an environment', {
    pipelines: optional(listOf('pipeline name', nonBlank), []),
    agents: optional(listOf('agent uuid', nonBlank), []),
    ...variableKeys(secrets),
  });
  const body = andThen(keys, (raw, context) => ({
    name,
    variables: mergedVariables(raw, context),
    pipelines: raw.pipelines,
    agents: raw.agents,
  }));
  return optional(body, { name, variables: [], pipelines: [], agents: [] });
}

/** GoCD reads the keys of the root without regard to case. */
function withLowerKeys(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), item]));
}
