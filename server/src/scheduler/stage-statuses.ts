import type { ConfigModel } from '../config/config-model.ts';
import { jobNames } from '../domain/job-plan.ts';
import { nameKey } from '../domain/names.ts';
import type { PipelineConfig } from '../domain/pipeline-config.ts';
import { isOver } from '../domain/stage-state.ts';
import type { StageRunView, StageStatusView } from '../domain/views.ts';
import type { Repositories } from '../store/repositories.ts';
import { stageView } from './instance-views.ts';

/** All stages of the configuration with their newest runs. One pipeline at a time: many of them do not hold up who else reads. */
export async function stageStatuses(
  repositories: Repositories,
  config: ConfigModel,
): Promise<StageStatusView[]> {
  const statuses: StageStatusView[] = [];
  for (const pipeline of config.pipelines) statuses.push(...(await ofPipeline(repositories, pipeline)));
  return statuses;
}

async function ofPipeline(
  { stages, jobs }: Repositories,
  pipeline: PipelineConfig,
): Promise<StageStatusView[]> {
  const runs = await stages.newestOfEachState(
    pipeline.name,
    pipeline.stages.map(({ name }) => name),
  );
  const chosen = pipeline.stages.map((stage) => {
    const own = runs.filter(({ run }) => nameKey(run.name) === nameKey(stage.name));
    const [newest] = own;
    return { stage, newest, last: own.find(({ run }) => isOver(run.state)) ?? newest };
  });
  const ids = chosen.flatMap(({ newest, last }) => [newest, last].flatMap((one) => one?.run.id ?? []));
  const records = await jobs.ofStages([...new Set(ids)]);
  const shown = (one: (typeof runs)[number] | undefined): StageRunView | undefined =>
    one && { counter: one.counter, label: one.label, stage: stageView(one.run, records, false) };
  return chosen.map(({ stage, newest, last }) => ({
    pipeline: pipeline.name,
    stage: stage.name,
    jobs: stage.jobs.flatMap(jobNames),
    newest: shown(newest),
    last: shown(last),
  }));
}
