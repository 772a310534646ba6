// What a job will run, frozen when it is scheduled: an edit of the configuration does not change it any more.

import type { ChosenRevision } from './build-cause.ts';
import type { Claims } from './elastic-claim.ts';
import type { JobRequirement } from './job-matching.ts';
import { nameKey } from './names.ts';
import type {
  ArtifactConfig,
  EnvironmentConfig,
  JobConfig,
  PipelineConfig,
  StageConfig,
  TaskConfig,
  VariableConfig,
} from './pipeline-config.ts';

/** The stage run that a fetch task takes from. */
export interface SourceStage {
  readonly pipeline: string;
  readonly counter: number;
  readonly label: string;
  readonly stage: string;
  /** A counter, or `latest`. */
  readonly stageCounter: string;
}

export interface JobPlan {
  readonly group: string;
  /** Who approved the stage. */
  readonly approver: string;
  readonly environment?: { readonly name: string; readonly variables: readonly VariableConfig[] };
  /** Pipeline, stage and job variables, merged. */
  readonly variables: readonly VariableConfig[];
  /** Of the trigger; each replaces one that is there. */
  readonly overrides: readonly VariableConfig[];
  readonly revisions: readonly ChosenRevision[];
  readonly fetchMaterials: boolean;
  readonly cleanWorkspace: boolean;
  /** Minutes without console output; 0: never. */
  readonly timeoutMinutes: number;
  readonly requirement: JobRequirement;
  readonly tasks: readonly TaskConfig[];
  readonly artifacts: readonly ArtifactConfig[];
  /** By {@link sourceKey}. */
  readonly sources: Readonly<Record<string, SourceStage>>;
}

export interface FreezeInput {
  readonly approver: string;
  readonly pipeline: PipelineConfig;
  readonly stage: StageConfig;
  readonly environment: EnvironmentConfig | undefined;
  readonly overrides: readonly VariableConfig[];
  readonly revisions: readonly ChosenRevision[];
  readonly sources: Readonly<Record<string, SourceStage>>;
  /** Of profiles on resources. */
  readonly claims: Claims;
}

/** The jobs of one run of a stage, instances of a job that runs several times included. */
export function freezeJobs(input: FreezeInput): { readonly name: string; readonly plan: JobPlan }[] {
  return input.stage.jobs.flatMap((job) => {
    const { runInstances } = job;
    const names = jobNames(job);
    if (runInstances === undefined) return names.map((name) => ({ name, plan: freezeJob(input, job, []) }));
    return names.map((name, index) => ({
      name,
      plan: freezeJob(input, job, [
        { name: 'GO_JOB_RUN_INDEX', value: String(index + 1), secure: false },
        { name: 'GO_JOB_RUN_COUNT', value: String(runInstances), secure: false },
      ]),
    }));
  });
}

/** More than one for a job that runs several times. */
export function jobNames({ name, runInstances }: JobConfig): string[] {
  if (runInstances === undefined) return [name];
  return Array.from({ length: runInstances }, (_, index) => `${name}-runInstance-${index + 1}`);
}

function freezeJob(input: FreezeInput, job: JobConfig, own: readonly VariableConfig[]): JobPlan {
  const { pipeline, stage, environment } = input;
  const elasticProfileId = job.elasticProfileId ?? input.claims.profileFor(job.resources);
  return {
    group: pipeline.group,
    approver: input.approver,
    ...(environment === undefined
      ? {}
      : { environment: { name: environment.name, variables: environment.variables } }),
    variables: mergeVariables(pipeline.variables, stage.variables, job.variables, own),
    overrides: input.overrides,
    revisions: input.revisions,
    fetchMaterials: stage.fetchMaterials,
    cleanWorkspace: stage.cleanWorkspace,
    timeoutMinutes: job.timeoutMinutes,
    requirement: {
      resources: job.resources,
      ...(environment === undefined ? {} : { environment: environment.name }),
      ...(elasticProfileId === undefined ? {} : { elasticProfileId }),
    },
    tasks: job.tasks,
    artifacts: job.artifacts,
    sources: input.sources,
  };
}

/** The later scope replaces, and the name moves to the end (reference: agent-protocol 8.1). */
function mergeVariables(...scopes: readonly (readonly VariableConfig[])[]): VariableConfig[] {
  const merged = new Map<string, VariableConfig>();
  for (const variable of scopes.flat()) {
    merged.delete(variable.name);
    merged.set(variable.name, variable);
  }
  return [...merged.values()];
}

export function sourceKey(pipeline: string, stage: string): string {
  return `${nameKey(pipeline)}/${nameKey(stage)}`;
}
