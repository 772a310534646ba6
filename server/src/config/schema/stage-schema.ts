// Stages (reference: server-config-api 1.6).

import { jobNameProblem, nameProblem } from '../../domain/names.ts';
import type { JobConfig, StageConfig } from '../../domain/pipeline-config.ts';
import { duplicateProblem, isMap, listOf, oneKeyMap, strictMap } from './collections.ts';
import { checkElasticJob, jobOf, jobOnlyKeys, jobsSchema } from './job-schema.ts';
import { andThen, parseInto, reader, report, type Schema } from './parse-into.ts';
import { flag, oneOf, optional, unsupported } from './scalars.ts';
import { mergedVariables, type Secrets, variableKeys } from './variables.ts';

interface Approval {
  readonly type: 'success' | 'manual';
  readonly allowOnlyOnSuccess: boolean;
}

export function stagesSchema(secrets: Secrets): Schema<StageConfig[]> {
  const body = bodySchema(secrets);
  const stage = oneKeyMap('a stage', (name, value, context) => {
    const problem = nameProblem('stage', name);
    if (problem !== undefined) report(context, [name], problem);
    const make = parseInto(body, value, [name], context);
    return typeof make === 'function' ? make(name) : NO_STAGE;
  });
  return andThen(listOf('stage', stage), (stages, context) => {
    if (stages.length === 0) report(context, [], 'Pipeline has no stages.');
    const seen = new Set<string>();
    for (const { name } of stages) {
      const problem = duplicateProblem(seen, 'Stage', name);
      if (problem !== undefined) report(context, [], problem);
    }
    return stages;
  });
}

function bodySchema(secrets: Secrets): Schema<(name: string) => StageConfig> {
  const keys = strictMap('a stage', {
    approval: approvalSchema,
    fetch_materials: optional(flag, true),
    keep_artifacts: optional(flag, false),
    clean_workspace: optional(flag, false),
    jobs: optional(jobsSchema(secrets)),
    ...jobOnlyKeys(secrets),
    ...variableKeys(secrets),
  });
  return andThen(keys, (raw, context) => {
    if (raw.jobs === undefined && raw.tasks === undefined) {
      report(context, [], 'Stage must have jobs defined, or tasks if only one job should exist');
    }
    if (raw.jobs !== undefined && raw.tasks !== undefined) {
      report(context, ['tasks'], 'Stage has both jobs and tasks: tasks on a stage are those of its only job');
    }
    checkElasticJob(raw, context);
    const variables = mergedVariables(raw, context);
    return (name) => ({
      name,
      approval: raw.approval.type,
      allowOnlyOnSuccess: raw.approval.allowOnlyOnSuccess,
      fetchMaterials: raw.fetch_materials,
      cleanWorkspace: raw.clean_workspace,
      keepArtifacts: raw.keep_artifacts,
      variables,
      jobs: raw.jobs ?? onlyJob(name, raw),
    });
  });
}

function onlyJob(name: string, raw: Parameters<typeof jobOf>[1]): JobConfig[] {
  return jobNameProblem(name) === undefined ? [jobOf(name, raw, [])] : [];
}

const approvalType = oneOf(['success', 'auto', 'manual']);
const notYet = unsupported('approval by users or roles is not supported by this server yet');

const approvalKeys = strictMap('an approval', {
  type: approvalType,
  allow_only_on_success: optional(flag, false),
  users: notYet,
  roles: notYet,
});

const approvalSchema: Schema<Approval> = reader((value, context) => {
  if (value === undefined || value === null) return { type: 'success', allowOnlyOnSuccess: false };
  if (isMap(value)) {
    const raw = parseInto(approvalKeys, value, [], context);
    return {
      type: raw.type === 'manual' ? 'manual' : 'success',
      allowOnlyOnSuccess: raw.allow_only_on_success,
    };
  }
  return {
    type: parseInto(approvalType, value, [], context) === 'manual' ? 'manual' : 'success',
    allowOnlyOnSuccess: false,
  };
});

const NO_STAGE: StageConfig = {
  name: '',
  approval: 'success',
  allowOnlyOnSuccess: false,
  fetchMaterials: true,
  cleanWorkspace: false,
  keepArtifacts: false,
  variables: [],
  jobs: [],
};
