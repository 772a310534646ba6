// Makes a run of a pipeline, if there is cause for one.

import type { ConfigModel } from '../config/config-model.ts';
import {
  type BuildWish,
  type ChosenRevision,
  decideBuild,
  type KnownModification,
  type MaterialSituation,
} from '../domain/build-cause.ts';
import { makeLabel } from '../domain/label.ts';
import type { MaterialConfig, PipelineConfig, VariableConfig } from '../domain/pipeline-config.ts';
import type { Repositories } from '../store/repositories.ts';
import type { ChosenRevisions } from './chosen-revisions.ts';
import { scheduleStage } from './schedule-stage.ts';
import type { Changes } from './writer.ts';

export interface PipelineWish {
  readonly config: ConfigModel;
  readonly pipeline: PipelineConfig;
  readonly wish: BuildWish;
  readonly overrides: readonly VariableConfig[];
  /** Of the other materials the newest ones. */
  readonly chosen?: ChosenRevisions;
  readonly at: number;
}

export type ScheduleOutcome =
  | { readonly type: 'scheduled'; readonly counter: number }
  | { readonly type: 'paused' | 'stage-active' | 'nothing-new' }
  | { readonly type: 'incomplete'; readonly material: MaterialConfig };

export async function schedulePipeline(
  repositories: Repositories,
  changes: Changes,
  { config, pipeline, wish, overrides, chosen, at }: PipelineWish,
): Promise<ScheduleOutcome> {
  const [firstStage] = pipeline.stages;
  if (firstStage === undefined) return { type: 'nothing-new' };
  if ((await repositories.pipelines.pauseOf(pipeline.name)) !== undefined) return { type: 'paused' };
  if (await repositories.stages.isActive(pipeline.name, firstStage.name)) return { type: 'stage-active' };
  const last = await repositories.instances.newest(pipeline.name);
  const lastRevisions = last === undefined ? undefined : await repositories.instances.revisions(last.id);
  const situations = await Promise.all(
    pipeline.materials.map((material) => {
      const lastUsed = lastRevisions?.find(
        (revision) => revision.material.fingerprint === material.fingerprint,
      );
      const wanted = chosen?.get(material.fingerprint);
      return wanted === undefined
        ? situationOf(repositories, material, lastUsed)
        : chosenSituation(repositories, material, lastUsed, wanted);
    }),
  );
  const decision = decideBuild(wish, situations, lastRevisions?.length);
  if (decision.type !== 'build') return decision;
  // After a run with an older revision that was asked for, what came since would look new though it has run.
  if (wish.type === 'automatic' && lastRevisions !== undefined && sameMaterials(lastRevisions, situations)) {
    if (await repositories.instances.everRanWith(pipeline.name, decision.revisions))
      return { type: 'nothing-new' };
  }
  const counter = await repositories.pipelines.nextCounter(pipeline.name);
  const approver = wish.type === 'manual' ? wish.by : 'changes';
  const instance = await repositories.instances.insert(
    {
      name: pipeline.name,
      group: pipeline.group,
      counter,
      label: labelOf(pipeline, counter, situations),
      scheduledAt: at,
      approver,
      message: decision.message,
      forced: wish.type === 'manual',
      overrides,
    },
    decision.revisions,
  );
  changes.events.push({
    type: 'pipeline-scheduled',
    pipeline: pipeline.name,
    counter,
    label: instance.label,
  });
  await scheduleStage(repositories, changes, {
    pipeline,
    environment: config.environmentOf(pipeline.name),
    claims: config.claims,
    stage: firstStage,
    instance,
    revisions: decision.revisions,
    runs: [],
    approvedBy: approver,
    at,
  });
  return { type: 'scheduled', counter };
}

async function situationOf(
  { modifications }: Repositories,
  material: MaterialConfig,
  lastUsed: { readonly fromId: number; readonly toId: number } | undefined,
): Promise<MaterialSituation> {
  if (lastUsed === undefined) {
    return { material, latest: await modifications.newest(material.fingerprint), lastUsed, newer: [] };
  }
  const newer = await modifications.newerThan(material.fingerprint, lastUsed.toId);
  const latest = newer[0] ?? (await modifications.newest(material.fingerprint));
  return { material, latest, lastUsed, newer };
}

/** As if nothing newer than the chosen revision had come; one that is older than the last one stands for itself. */
async function chosenSituation(
  { modifications }: Repositories,
  material: MaterialConfig,
  lastUsed: MaterialSituation['lastUsed'],
  latest: KnownModification,
): Promise<MaterialSituation> {
  if (lastUsed === undefined) return { material, latest, lastUsed, newer: [] };
  if (latest.id < lastUsed.toId) return { material, latest, lastUsed, newer: [latest] };
  const newer = await modifications.between(material.fingerprint, lastUsed.toId + 1, latest.id);
  return { material, latest, lastUsed, newer };
}

function sameMaterials(last: readonly ChosenRevision[], situations: readonly MaterialSituation[]): boolean {
  return last.length === situations.length && situations.every(({ lastUsed }) => lastUsed !== undefined);
}

function labelOf(
  pipeline: PipelineConfig,
  counter: number,
  situations: readonly MaterialSituation[],
): string {
  const materials = situations.flatMap(({ material, latest }) =>
    material.name === undefined || latest === undefined ? [] : [[material.name, labelPart(latest)] as const],
  );
  const variables = pipeline.variables
    .filter(({ secure }) => !secure)
    .map(({ name, value }) => [name, value] as const);
  return makeLabel(pipeline.labelTemplate, {
    counter,
    materials: Object.fromEntries(materials),
    variables: Object.fromEntries(variables),
  });
}

function labelPart(modification: KnownModification): string {
  return modification.pipelineLabel ?? modification.revision;
}
