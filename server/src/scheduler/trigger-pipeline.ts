// A run that somebody asked for (reference: server-config-api 2.11).

import { describeError } from '@go-agent/runtime/core';
import type { TriggerOptions } from '../core.ts';
import type { CommandOutcome } from '../domain/command-outcome.ts';
import { nameKey } from '../domain/names.ts';
import type { PipelineConfig, VariableConfig } from '../domain/pipeline-config.ts';
import { describeMaterial, type MaterialUpdates } from '../materials/material-updates.ts';
import { findRevisions, materialsProblem } from './chosen-revisions.ts';
import { type ScheduleOutcome, schedulePipeline } from './schedule-pipeline.ts';
import type { SchedulerContext } from './scheduler-context.ts';
import { overridesOf, rejected } from './trigger-overrides.ts';

const REMOVED_SHOWN_MS = 3_600_000;

export interface TriggerContext {
  readonly context: SchedulerContext;
  readonly updates: MaterialUpdates;
  /** Keys of the pipelines whose triggers are not done yet. */
  readonly triggered: Set<string>;
}

export async function triggerPipeline(
  { context, updates, triggered }: TriggerContext,
  name: string,
  options: TriggerOptions,
): Promise<CommandOutcome> {
  const pipeline = context.config().pipeline(name);
  if (pipeline === undefined)
    return { type: 'not-found', message: `Pipeline with name '${name}' was not found!` };
  const key = nameKey(name);
  if (triggered.has(key)) {
    return {
      type: 'conflict',
      message: `Failed to trigger pipeline: ${pipeline.name} { Pipeline already triggered }`,
    };
  }
  triggered.add(key);
  let accepted = false;
  try {
    const problem = await refusal(context, pipeline);
    if (problem !== undefined) return { type: 'conflict', message: problem };
    const overrides = overridesOf(context.secrets, pipeline, options.variables ?? []);
    if (typeof overrides === 'string') return { type: 'invalid', message: overrides };
    const unfit = materialsProblem(pipeline, options.materials ?? []);
    if (unfit !== undefined) return { type: 'invalid', message: rejected(unfit) };
    accepted = true;
    context.background.run(`Triggering ${pipeline.name}`, async () => {
      try {
        const problem = await run({ context, updates }, pipeline.name, options, overrides);
        if (problem === undefined) return;
        complain(context, pipeline.name, problem);
        context.logger.warn({ pipeline: pipeline.name, problem }, 'A trigger came to nothing');
      } catch (error) {
        complain(context, pipeline.name, describeError(error));
        throw error;
      } finally {
        triggered.delete(key);
        // What came in meanwhile was left to this run; it may have come too late for it.
        context.considerAutomatic(pipeline.name);
      }
    });
    return {
      type: 'ok',
      value: undefined,
      message: `Request to schedule pipeline ${pipeline.name} accepted`,
    };
  } finally {
    if (!accepted) triggered.delete(key);
  }
}

async function refusal({ store }: SchedulerContext, pipeline: PipelineConfig): Promise<string | undefined> {
  const { name } = pipeline;
  if ((await store.read.pipelines.pauseOf(name)) !== undefined)
    return outcomeText(pipeline, { type: 'paused' });
  const first = pipeline.stages[0]?.name ?? '';
  return (await store.read.stages.isActive(name, first))
    ? outcomeText(pipeline, { type: 'stage-active' })
    : undefined;
}

/** Why there is no run; undefined if there is one. */
async function run(
  { context, updates }: Pick<TriggerContext, 'context' | 'updates'>,
  name: string,
  options: TriggerOptions,
  overrides: readonly VariableConfig[],
): Promise<string | undefined> {
  const { health, writer, clock } = context;
  // What was wrong before is told anew if it still is: whoever waits for this run would take the old message for known.
  health.clear(scopeOf(name));
  const materials = context.config().pipeline(name)?.materials ?? [];
  if (options.updateMaterials ?? true) {
    const outcomes = await Promise.all(materials.map((material) => updates.poll(material)));
    const failed = outcomes.find((outcome) => outcome.type === 'failed');
    if (failed?.type === 'failed') return failed.message;
  }
  return writer.run(async (repositories, changes) => {
    const config = context.config();
    const pipeline = config.pipeline(name);
    // The files may have changed since the trigger was accepted; whoever waits for its run must hear of that too.
    if (pipeline === undefined) return removed(name);
    const chosen = await findRevisions(repositories, pipeline, options.materials ?? []);
    if (typeof chosen === 'string') return chosen;
    const wish = { type: 'manual', by: options.approver } as const;
    const result = await schedulePipeline(repositories, changes, {
      config,
      pipeline,
      wish,
      overrides,
      chosen,
      at: clock.now(),
    });
    return outcomeText(pipeline, result);
  });
}

function complain({ health, config }: SchedulerContext, name: string, detail: string): void {
  const message = `Could not trigger pipeline '${name}'`;
  const problem = { scope: scopeOf(name), level: 'error', message, detail } as const;
  // The next trigger ends the message, and of a pipeline that was removed there is none.
  if (config().pipeline(name) === undefined) health.reportFor(REMOVED_SHOWN_MS, problem);
  else health.report(problem);
}

function removed(name: string): string {
  return `Pipeline ${name} was removed from the pipeline files after the trigger was accepted. Put it back, and trigger it again`;
}

function scopeOf(name: string): string {
  return `pipeline/${nameKey(name)}/trigger`;
}

/** Why there is no run; undefined if there is one. */
function outcomeText(pipeline: PipelineConfig, outcome: ScheduleOutcome): string | undefined {
  const { name } = pipeline;
  switch (outcome.type) {
    case 'scheduled':
      return undefined;
    case 'paused':
      return `Failed to trigger pipeline [${name}] { Pipeline ${name} is paused }`;
    case 'stage-active':
      return `Failed to trigger pipeline [${name}] { Stage [${pipeline.stages[0]?.name}] in pipeline [${name}] is still in progress }`;
    case 'incomplete':
      return `No revision of this material is known yet: ${describeMaterial(outcome.material)}`;
    case 'nothing-new':
      return `Pipeline ${name} has no stages`;
  }
  return outcome satisfies never;
}
