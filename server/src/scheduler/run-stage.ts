import type { CommandOutcome } from '../domain/command-outcome.ts';
import { sameName } from '../domain/names.ts';
import { mayRunStage } from '../domain/next-stage.ts';
import { newestRuns } from './instance-views.ts';
import { scheduleStage } from './schedule-stage.ts';
import type { SchedulerContext } from './scheduler-context.ts';

/** Runs a stage of an instance: one that waits for approval, or again (reference: server-config-api 2.4, 2.12). */
export function runStage(
  context: SchedulerContext,
  names: { readonly pipeline: string; readonly counter: number; readonly stage: string; readonly by: string },
): Promise<CommandOutcome<number>> {
  const { writer, clock } = context;
  return writer.run(async (repositories, changes) => {
    const config = context.config();
    const pipeline = config.pipeline(names.pipeline);
    const stage = pipeline?.stages.find((candidate) => sameName(candidate.name, names.stage));
    const instance = await repositories.instances.byCounter(names.pipeline, names.counter);
    if (pipeline === undefined || stage === undefined || instance === undefined) {
      const what = `${names.pipeline}/${names.counter}/${names.stage}`;
      return {
        type: 'not-found',
        message: `Stage '${what}' not found. See that its pipeline, counter and stage exist.`,
      };
    }
    const all = await repositories.stages.ofInstance(instance.id);
    const permission = mayRunStage(pipeline, stage, {
      paused: (await repositories.pipelines.pauseOf(pipeline.name)) !== undefined,
      runs: newestRuns(all),
      activeElsewhere: await repositories.stages.isActive(pipeline.name, stage.name),
    });
    if (permission.type === 'refused') {
      return {
        type: permission.reason === 'previous-not-run' ? 'invalid' : 'conflict',
        message: permission.message,
      };
    }
    const run = await scheduleStage(repositories, changes, {
      pipeline,
      environment: config.environmentOf(pipeline.name),
      claims: config.claims,
      stage,
      instance,
      runs: all,
      approvedBy: names.by,
      at: clock.now(),
    });
    const message = `Request to schedule stage ${pipeline.name}/${instance.counter}/${stage.name} accepted`;
    return { type: 'ok', value: run.counter, message };
  });
}
