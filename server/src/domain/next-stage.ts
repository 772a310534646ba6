// What follows a stage, and whether a stage may be run (reference: server-config-api 2.4, 2.9).

import { sameName } from './names.ts';
import type { StageConfig } from './pipeline-config.ts';
import { isOver } from './stage-state.ts';
import type { StageState } from './views.ts';

export type NextStage =
  | { readonly type: 'start'; readonly stage: StageConfig }
  | { readonly type: 'wait-for-approval'; readonly stage: StageConfig }
  | { readonly type: 'stop' };

/** A failed or cancelled stage stops the chain. */
export function nextStage(
  stages: readonly StageConfig[],
  finished: { readonly name: string; readonly state: StageState },
): NextStage {
  if (finished.state !== 'passed') return { type: 'stop' };
  const index = stages.findIndex((stage) => sameName(stage.name, finished.name));
  const stage = index === -1 ? undefined : stages[index + 1];
  if (stage === undefined) return { type: 'stop' };
  return stage.approval === 'manual' ? { type: 'wait-for-approval', stage } : { type: 'start', stage };
}

export interface StageRun {
  readonly name: string;
  readonly state: StageState;
}

export type StagePermission =
  | { readonly type: 'allowed' }
  | {
      readonly type: 'refused';
      readonly reason: 'paused' | 'active' | 'previous-not-run' | 'previous-not-passed';
      readonly message: string;
    };

/**
 * May this stage be run (again) in this instance?
 * @param situation.runs the newest run of each stage of the instance
 * @param situation.activeElsewhere whether a run of this stage is active in any instance of the pipeline
 */
export function mayRunStage(
  pipeline: { readonly name: string; readonly stages: readonly StageConfig[] },
  stage: StageConfig,
  situation: {
    readonly paused: boolean;
    readonly runs: readonly StageRun[];
    readonly activeElsewhere: boolean;
  },
): StagePermission {
  const { runs } = situation;
  if (situation.paused)
    return refused(
      'paused',
      `Failed to trigger pipeline [${pipeline.name}] { Pipeline ${pipeline.name} is paused }`,
    );
  const active = runs.find((run) => !isOver(run.state));
  const busy = active?.name ?? (situation.activeElsewhere ? stage.name : undefined);
  if (busy !== undefined) {
    return refused(
      'active',
      `Cannot schedule: Stage [${busy}] in pipeline [${pipeline.name}] is still in progress`,
    );
  }
  const index = pipeline.stages.findIndex((candidate) => sameName(candidate.name, stage.name));
  const previous = index > 0 ? pipeline.stages[index - 1] : undefined;
  if (previous === undefined) return { type: 'allowed' };
  const previousRun = runs.find((run) => sameName(run.name, previous.name));
  if (previousRun === undefined) {
    return refused(
      'previous-not-run',
      `Can not run stage [${stage.name}] in pipeline [${pipeline.name}] because its previous stage has not been run.`,
    );
  }
  const hasRun = runs.some((run) => sameName(run.name, stage.name));
  if (stage.allowOnlyOnSuccess && !hasRun && previousRun.state !== 'passed') {
    const result = previousRun.state === 'cancelled' ? 'Cancelled' : 'Failed';
    return refused(
      'previous-not-passed',
      `Cannot schedule ${stage.name} as the previous stage ${previous.name} has ${result}!`,
    );
  }
  return { type: 'allowed' };
}

function refused(
  reason: Extract<StagePermission, { type: 'refused' }>['reason'],
  message: string,
): StagePermission {
  return { type: 'refused', reason, message };
}
