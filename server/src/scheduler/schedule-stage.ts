// Puts the jobs of a stage into the queue, with what they will run frozen.

import type { ChosenRevision } from '../domain/build-cause.ts';
import type { Claims } from '../domain/elastic-claim.ts';
import { freezeJobs, type JobPlan, type SourceStage, sourceKey } from '../domain/job-plan.ts';
import { parseStageLocator } from '../domain/locator.ts';
import { nameKey, sameName } from '../domain/names.ts';
import type { EnvironmentConfig, PipelineConfig, StageConfig } from '../domain/pipeline-config.ts';
import type { InstanceRecord } from '../store/instance-repository.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import type { StageRecord } from '../store/stage-repository.ts';
import { newestRuns, stageView } from './instance-views.ts';
import type { Changes } from './writer.ts';

export interface ScheduleStage {
  readonly pipeline: PipelineConfig;
  readonly environment: EnvironmentConfig | undefined;
  readonly claims: Claims;
  readonly stage: StageConfig;
  readonly instance: InstanceRecord;
  /** Of the instance; read from the store if absent. */
  readonly revisions?: readonly ChosenRevision[];
  /** All runs in this instance so far. */
  readonly runs: readonly StageRecord[];
  readonly approvedBy: string;
  readonly at: number;
}

/** Answers the new run. */
export async function scheduleStage(
  repositories: Repositories,
  changes: Changes,
  input: ScheduleStage,
): Promise<StageRecord> {
  const { pipeline, stage, instance, runs, approvedBy, at } = input;
  const revisions = withCurrentMaterials(
    input.revisions ?? (await repositories.instances.revisions(instance.id)),
    pipeline,
  );
  const counter =
    1 + Math.max(0, ...runs.filter((run) => sameName(run.name, stage.name)).map((run) => run.counter));
  const run = await repositories.stages.insert(pipeline.name, {
    instanceId: instance.id,
    name: stage.name,
    counter,
    approval: stage.approval,
    approvedBy,
    createdAt: at,
  });
  const sources = await findSources(repositories, input, revisions);
  const frozen = freezeJobs({
    pipeline,
    stage,
    environment: input.environment,
    claims: input.claims,
    approver: approvedBy,
    overrides: instance.overrides,
    revisions,
    sources,
  });
  const records: JobRecord[] = [];
  for (const { name, plan } of frozen) {
    const inserted = await repositories.jobs.insert({ stageId: run.id, name, plan, queuedAt: at, at });
    records.push(newJob(instance, run, name, plan, inserted, at));
  }
  for (const record of records) changes.job(record);
  changes.stage(pipeline.name, instance.counter, stageView(run, records, false));
  return run;
}

function newJob(
  instance: InstanceRecord,
  run: StageRecord,
  name: string,
  plan: JobPlan,
  { id, transitionId }: { readonly id: number; readonly transitionId: number },
  at: number,
): JobRecord {
  return {
    view: {
      pipeline: instance.name,
      counter: instance.counter,
      label: instance.label,
      stage: run.name,
      stageCounter: run.counter,
      job: name,
      jobId: id,
      state: 'scheduled',
      result: 'unknown',
      scheduledAt: at,
      transitions: [{ id: transitionId, state: 'scheduled', at }],
      superseded: false,
    },
    stageId: run.id,
    instanceId: instance.id,
    attempt: 1,
    requirement: plan.requirement,
    timeoutMinutes: plan.timeoutMinutes,
  };
}

/** The revisions stay; how to reach the material (its password, its filter) is as it is configured now. */
function withCurrentMaterials(
  revisions: readonly ChosenRevision[],
  pipeline: PipelineConfig,
): ChosenRevision[] {
  return revisions.map((revision) => {
    const current = pipeline.materials.find(
      (material) => material.fingerprint === revision.material.fingerprint,
    );
    return current === undefined ? revision : { ...revision, material: current };
  });
}

/** The stage runs that fetch tasks of this stage may take from: earlier ones of this instance, and upstream ones. */
async function findSources(
  repositories: Repositories,
  { pipeline, instance, runs, stage }: ScheduleStage,
  revisions: readonly ChosenRevision[],
): Promise<Record<string, SourceStage>> {
  const fetches = stage.jobs
    .flatMap((job) => job.tasks)
    .flatMap((task) => [task, task.onCancel])
    .filter((task) => task?.type === 'fetch');
  if (fetches.length === 0) return {};
  const sources = new Map<string, SourceStage>();
  for (const run of newestRuns(runs)) {
    const own = { pipeline: instance.name, counter: instance.counter, label: instance.label };
    sources.set(sourceKey(pipeline.name, run.name), {
      ...own,
      stage: run.name,
      stageCounter: String(run.counter),
    });
  }
  for (const { material, toId } of revisions) {
    if (material.type !== 'dependency') continue;
    const [used] = await repositories.modifications.between(material.fingerprint, toId, toId);
    const locator = used === undefined ? undefined : parseStageLocator(used.revision);
    if (locator === undefined) continue;
    const wanted = fetches
      .filter((task) => nameKey(task.pipeline ?? '') === nameKey(material.pipeline))
      .map((task) => task.stage);
    for (const name of wanted) {
      const stageCounter = sameName(name, locator.stage) ? String(locator.stageCounter) : 'latest';
      const upstream = {
        pipeline: locator.pipeline,
        counter: locator.counter,
        label: used?.pipelineLabel ?? '',
      };
      sources.set(sourceKey(material.pipeline, name), { ...upstream, stage: name, stageCounter });
    }
  }
  return Object.fromEntries(sources);
}
