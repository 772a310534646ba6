// Runs as they are shown.

import { nameKey, sameName } from '../domain/names.ts';
import { mayRunStage } from '../domain/next-stage.ts';
import type { PipelineConfig, StageConfig } from '../domain/pipeline-config.ts';
import { isOver } from '../domain/stage-state.ts';
import type { MaterialRevisionView, PipelineInstanceView, StageView } from '../domain/views.ts';
import { describeMaterial } from '../materials/material-updates.ts';
import type { InstanceRecord } from '../store/instance-repository.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import type { StageRecord } from '../store/stage-repository.ts';

/** @param jobs of the stage; superseded ones are left out */
export function stageView(stage: StageRecord, jobs: readonly JobRecord[], canRun: boolean): StageView {
  return {
    id: stage.id,
    name: stage.name,
    counter: stage.counter,
    state: stage.state,
    approval: stage.approval,
    approvedBy: stage.approvedBy,
    scheduled: true,
    canRun,
    ...(stage.rerunOfCounter === undefined ? {} : { rerunOfCounter: stage.rerunOfCounter }),
    ...(stage.cancelledBy === undefined ? {} : { cancelledBy: stage.cancelledBy }),
    createdAt: stage.createdAt,
    ...(stage.completedAt === undefined ? {} : { completedAt: stage.completedAt }),
    jobs: jobs.filter((job) => job.stageId === stage.id && !job.view.superseded).map((job) => job.view),
  };
}

/** The newest run of each stage of an instance, in the order of their first runs. */
export function newestRuns(stages: readonly StageRecord[]): StageRecord[] {
  return [...new Map(stages.map((stage) => [nameKey(stage.name), stage])).values()];
}

/** The newest run of each stage, then the stages of the configuration that have not run. */
export async function loadStages(
  repositories: Repositories,
  instance: InstanceRecord,
  pipeline: PipelineConfig | undefined,
): Promise<StageView[]> {
  const runs = newestRuns(await repositories.stages.ofInstance(instance.id));
  const jobs = await repositories.jobs.ofStages(runs.map((run) => run.id));
  const paused = (await repositories.pipelines.pauseOf(instance.name)) !== undefined;
  const views: StageView[] = [];
  const canRun = async (stage: StageConfig | undefined) => {
    if (pipeline === undefined || stage === undefined) return false;
    const activeElsewhere = await repositories.stages.isActive(pipeline.name, stage.name);
    return mayRunStage(pipeline, stage, { paused, runs, activeElsewhere }).type === 'allowed';
  };
  for (const run of runs) {
    const config = pipeline?.stages.find((stage) => sameName(stage.name, run.name));
    views.push(stageView(run, jobs, isOver(run.state) && (await canRun(config))));
  }
  for (const stage of pipeline?.stages ?? []) {
    if (runs.some((run) => sameName(run.name, stage.name))) continue;
    views.push(unscheduledStage(stage, await canRun(stage)));
  }
  return views;
}

export async function loadInstance(
  repositories: Repositories,
  instance: InstanceRecord,
  pipeline: PipelineConfig | undefined,
): Promise<PipelineInstanceView> {
  return {
    id: instance.id,
    name: instance.name,
    group: instance.group,
    counter: instance.counter,
    label: instance.label,
    scheduledAt: instance.scheduledAt,
    buildCause: {
      approver: instance.approver,
      message: instance.message,
      triggerForced: instance.forced,
      materialRevisions: await loadRevisions(repositories, instance.id),
    },
    stages: await loadStages(repositories, instance, pipeline),
  };
}

async function loadRevisions(
  repositories: Repositories,
  instanceId: number,
): Promise<MaterialRevisionView[]> {
  const views: MaterialRevisionView[] = [];
  for (const { material, fromId, toId, changed } of await repositories.instances.revisions(instanceId)) {
    const modifications = await repositories.modifications.between(material.fingerprint, fromId, toId);
    views.push({
      materialType: material.type === 'git' ? 'Git' : 'Pipeline',
      materialName: material.name ?? '',
      fingerprint: material.fingerprint,
      description: describeMaterial(material),
      changed,
      modifications: modifications.map(({ id, revision, modifiedAt, userName, comment, emailAddress }) => ({
        id,
        revision,
        modifiedAt,
        userName,
        comment,
        ...(emailAddress === '' ? {} : { emailAddress }),
      })),
    });
  }
  return views;
}

function unscheduledStage(stage: StageConfig, canRun: boolean): StageView {
  return {
    id: 0,
    name: stage.name,
    counter: 0,
    state: 'building',
    approval: stage.approval,
    approvedBy: '',
    scheduled: false,
    canRun,
    createdAt: 0,
    jobs: [],
  };
}
