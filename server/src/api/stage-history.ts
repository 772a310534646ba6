import type { PipelineDesk } from '../core.ts';
import type { StageView } from '../domain/views.ts';
import type { Page } from './paging.ts';

export interface StageRunView {
  /** Of the pipeline instance. */
  readonly counter: number;
  readonly view: StageView;
}

const INSTANCES_AT_ONCE = 100;

/** The runs of one stage, newest first: the page after, or before, the run with the id of the cursor. */
export async function stageHistory(
  pipelines: PipelineDesk,
  pipeline: string,
  stage: string,
  page: Page,
): Promise<{
  readonly runs: readonly StageRunView[];
  readonly hasNewer: boolean;
  readonly hasOlder: boolean;
}> {
  const newer: StageRunView[] = [];
  const found: StageRunView[] = [];
  for await (const run of runsOf(pipelines, pipeline, stage)) {
    const isNewer =
      page.after !== undefined
        ? run.view.id >= page.after
        : page.before !== undefined && run.view.id <= page.before;
    if (page.before !== undefined && isNewer) break;
    if (isNewer) newer.push(run);
    else found.push(run);
    if (page.before === undefined && found.length > page.size) break;
  }
  if (page.before !== undefined) {
    return { runs: found.slice(-page.size), hasNewer: found.length > page.size, hasOlder: true };
  }
  return { runs: found.slice(0, page.size), hasNewer: newer.length > 0, hasOlder: found.length > page.size };
}

async function* runsOf(
  pipelines: PipelineDesk,
  pipeline: string,
  stage: string,
): AsyncGenerator<StageRunView> {
  for (let after: number | undefined; ; ) {
    const { instances, hasOlder } = await pipelines.history(pipeline, {
      size: INSTANCES_AT_ONCE,
      ...(after === undefined ? {} : { after }),
    });
    for (const instance of instances) {
      for (const view of instance.stages) {
        if (view.scheduled && view.name.toLowerCase() === stage.toLowerCase())
          yield { counter: instance.counter, view };
      }
    }
    after = instances.at(-1)?.id;
    if (!hasOlder || after === undefined) return;
  }
}
