// What the jobs' news mean for their stage, and what follows when it is over (reference: server-config-api 2.9).

import { nameKey, sameName } from '../domain/names.ts';
import { nextStage } from '../domain/next-stage.ts';
import type { PipelineConfig, StageConfig } from '../domain/pipeline-config.ts';
import { isOver, stageEventOf, transitionStage } from '../domain/stage-state.ts';
import { upstreamModification } from '../materials/upstream-modification.ts';
import type { InstanceRecord } from '../store/instance-repository.ts';
import type { Repositories } from '../store/repositories.ts';
import type { StageRecord } from '../store/stage-repository.ts';
import { loadStages, newestRuns, stageView } from './instance-views.ts';
import { scheduleStage } from './schedule-stage.ts';
import type { SchedulerContext } from './scheduler-context.ts';
import type { Changes } from './writer.ts';

/** Instances looked at for one whose next stage had to wait for this one. */
const RECENT_INSTANCES = 50;

/** What belongs to one transaction. */
interface Situation {
  readonly context: SchedulerContext;
  readonly repositories: Repositories;
  readonly changes: Changes;
  readonly at: number;
}

export async function settleStage(
  context: SchedulerContext,
  repositories: Repositories,
  changes: Changes,
  {
    stageId,
    at,
    cancelledBy,
  }: { readonly stageId: number; readonly at: number; readonly cancelledBy?: string | undefined },
): Promise<void> {
  const stage = await repositories.stages.byId(stageId);
  if (stage === undefined) return;
  const jobs = await repositories.jobs.ofStages([stageId]);
  const counted = jobs.filter((job) => !job.view.superseded);
  const state = transitionStage(stage.state, stageEventOf(counted.map((job) => job.view)));
  if (state === stage.state) return;
  await repositories.stages.setState(stageId, state, {
    at,
    cancelledBy: state === 'cancelled' ? cancelledBy : undefined,
  });
  const instance = await repositories.instances.byId(stage.instanceId);
  if (instance === undefined) return;
  const pipeline = context.config().pipeline(instance.name);
  if (!isOver(state)) {
    changes.stage(instance.name, instance.counter, stageView({ ...stage, state }, counted, false));
    return;
  }
  const finished: StageRecord = { ...stage, state, completedAt: at };
  const views = await loadStages(repositories, instance, pipeline);
  const view = views.find((candidate) => candidate.id === stageId) ?? stageView(finished, counted, false);
  changes.stage(instance.name, instance.counter, view);
  if (pipeline === undefined) return;
  const situation = { context, repositories, changes, at };
  if (state === 'passed') await tellDownstream(situation, pipeline, stage);
  await startNext(situation, pipeline, instance, finished);
  await startWaiting(situation, pipeline, finished);
  // The first stage may have been in the way of an automatic run.
  changes.afterwards.push(() => context.considerAutomatic(pipeline.name));
}

async function tellDownstream(
  { context, repositories, changes }: Situation,
  pipeline: PipelineConfig,
  stage: StageRecord,
): Promise<void> {
  const config = context.config();
  const fingerprints = new Set(
    config
      .materials()
      .flatMap((material) =>
        material.type === 'dependency' &&
        sameName(material.pipeline, pipeline.name) &&
        sameName(material.stage, stage.name)
          ? [material.fingerprint]
          : [],
      ),
  );
  if (fingerprints.size === 0) return;
  const run = await upstreamModification(repositories, pipeline.name, stage.name);
  for (const fingerprint of fingerprints) {
    if (run !== undefined) await repositories.modifications.add(fingerprint, [run]);
    for (const { name } of config.pipelinesWith(fingerprint))
      changes.afterwards.push(() => context.considerAutomatic(name));
  }
}

async function startNext(
  situation: Situation,
  pipeline: PipelineConfig,
  instance: InstanceRecord,
  finished: StageRecord,
): Promise<void> {
  const next = nextStage(pipeline.stages, finished);
  if (next.type === 'start') await startUnlessBusy(situation, pipeline, next.stage, instance);
}

/** An instance whose turn was kept back because `finished` was running: the newest such goes first. */
async function startWaiting(
  situation: Situation,
  pipeline: PipelineConfig,
  finished: StageRecord,
): Promise<void> {
  const index = pipeline.stages.findIndex((candidate) => sameName(candidate.name, finished.name));
  const stage = pipeline.stages[index];
  const previous = pipeline.stages[index - 1];
  if (stage === undefined || previous === undefined || stage.approval === 'manual') return;
  const { instances, stages } = situation.repositories;
  for (const instance of await instances.page(pipeline.name, { size: RECENT_INSTANCES })) {
    const runs = newestRuns(await stages.ofInstance(instance.id));
    if (runs.some((run) => nameKey(run.name) === nameKey(stage.name))) continue;
    const run = runs.find((candidate) => sameName(candidate.name, previous.name));
    if (run?.state !== 'passed' || (run.completedAt ?? 0) < finished.createdAt) continue;
    await startUnlessBusy(situation, pipeline, stage, instance);
    return;
  }
}

async function startUnlessBusy(
  { context, repositories, changes, at }: Situation,
  pipeline: PipelineConfig,
  stage: StageConfig,
  instance: InstanceRecord,
): Promise<void> {
  if ((await repositories.pipelines.pauseOf(pipeline.name)) !== undefined) return;
  if (await repositories.stages.isActive(pipeline.name, stage.name)) return;
  await scheduleStage(repositories, changes, {
    pipeline,
    environment: context.config().environmentOf(pipeline.name),
    claims: context.config().claims,
    stage,
    instance,
    runs: await repositories.stages.ofInstance(instance.id),
    approvedBy: 'changes',
    at,
  });
}
