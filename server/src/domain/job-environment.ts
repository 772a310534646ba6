// The variables of a job, in the order in which the server gives them (reference: agent-protocol 8.1; later wins).

import type { EnvironmentVariable } from '@go-agent/protocol';
import type { JobPlan } from './job-plan.ts';
import { materialVariables, type WorkRevision } from './material-environment.ts';
import type { VariableConfig } from './pipeline-config.ts';
import type { JobLocatorView } from './views.ts';

export interface JobEnvironmentInput {
  readonly job: JobLocatorView;
  readonly rerunOfCounter?: number | undefined;
  readonly plan: JobPlan;
  readonly revisions: readonly WorkRevision[];
  readonly agentResources: readonly string[];
  readonly open: (sealed: string) => string;
}

export function jobEnvironment(input: JobEnvironmentInput): EnvironmentVariable[] {
  const { job, plan } = input;
  const resources = [...input.agentResources].sort();
  const before = [
    plain('GO_PIPELINE_GROUP_NAME', plan.group),
    ...(plan.environment === undefined ? [] : environmentVariables(plan.environment, input.open)),
    ...(resources.length === 0 ? [] : [plain('GO_AGENT_RESOURCES', resources.join(','))]),
    plain('GO_TRIGGER_USER', plan.approver),
    plain('GO_PIPELINE_NAME', job.pipeline),
    plain('GO_PIPELINE_COUNTER', String(job.counter)),
    plain('GO_PIPELINE_LABEL', job.label),
    plain('GO_STAGE_NAME', job.stage),
    plain('GO_STAGE_COUNTER', String(job.stageCounter)),
    ...(input.rerunOfCounter === undefined
      ? []
      : [plain('GO_RERUN_OF_STAGE_COUNTER', String(input.rerunOfCounter))]),
    plain('GO_JOB_NAME', job.job),
    ...input.revisions.flatMap(materialVariables).map(([name, value]) => plain(name, value)),
    ...plan.variables.map((variable) => opened(variable, input.open)),
  ];
  const names = new Set(before.map((variable) => variable.name));
  const overrides = plan.overrides.filter((variable) => names.has(variable.name));
  return [...before, ...overrides.map((variable) => opened(variable, input.open))];
}

function environmentVariables(
  environment: NonNullable<JobPlan['environment']>,
  open: (sealed: string) => string,
): EnvironmentVariable[] {
  return [
    plain('GO_ENVIRONMENT_NAME', environment.name),
    ...environment.variables.map((variable) => opened(variable, open)),
  ];
}

function plain(name: string, value: string): EnvironmentVariable {
  return { name, value, secure: false, secretParams: [] };
}

function opened(
  { name, value, secure }: VariableConfig,
  open: (sealed: string) => string,
): EnvironmentVariable {
  return { name, value: secure ? open(value) : value, secure, secretParams: [] };
}
