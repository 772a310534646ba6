import type { PipelineDesk, TriggerOptions } from '../core.ts';
import type { CommandOutcome } from '../domain/command-outcome.ts';
import { jobLocator } from '../domain/locator.ts';
import { sameName } from '../domain/names.ts';
import { isOver } from '../domain/stage-state.ts';
import type { JobView, PipelineInstanceView, PipelineStatusView, StageView } from '../domain/views.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { loadInstance, loadStages, stageView } from './instance-views.ts';
import { runStage } from './run-stage.ts';
import { stageStatuses } from './stage-statuses.ts';
import { type TriggerContext, triggerPipeline } from './trigger-pipeline.ts';

const MAX_PAUSE_REASON = 255;

/** What operators ask and order about pipelines (reference: server-config-api 2, 3.2, 3.3). */
export class OperatedPipelineDesk implements PipelineDesk {
  readonly #trigger: TriggerContext;

  constructor(trigger: TriggerContext) {
    this.#trigger = trigger;
  }

  trigger(pipeline: string, options: TriggerOptions): Promise<CommandOutcome> {
    return triggerPipeline(this.#trigger, pipeline, options);
  }

  names(): readonly { readonly name: string; readonly group: string }[] {
    return this.#context.config().pipelines.map(({ name, group }) => ({ name, group }));
  }

  async status(name: string): Promise<PipelineStatusView | undefined> {
    const { store } = this.#context;
    const pipeline = this.#pipeline(name);
    if (pipeline === undefined) return undefined;
    const pause = await store.read.pipelines.pauseOf(name);
    const isActive = await store.read.stages.isActive(name, pipeline.stages[0]?.name ?? '');
    return {
      name: pipeline.name,
      group: pipeline.group,
      paused: pause !== undefined,
      ...(pause === undefined ? {} : { pausedBy: pause.by, pausedReason: pause.reason }),
      locked: false,
      schedulable: pause === undefined && !isActive,
    };
  }

  stageStatuses() {
    return stageStatuses(this.#context.store.read, this.#context.config());
  }

  pause(name: string, by: string, reason: string): Promise<CommandOutcome> {
    return this.#setPause(name, { by, reason: reason.slice(0, MAX_PAUSE_REASON) });
  }

  async unpause(name: string): Promise<CommandOutcome> {
    const outcome = await this.#setPause(name, undefined);
    if (outcome.type === 'ok') this.#context.considerAutomatic(name);
    return outcome;
  }

  async history(
    name: string,
    page: { readonly size: number; readonly after?: number; readonly before?: number },
  ) {
    const { instances: repository } = this.#context.store.read;
    const records = await repository.page(name, page);
    const ends = await repository.ends(name);
    const instances: PipelineInstanceView[] = [];
    for (const record of records)
      instances.push(await loadInstance(this.#context.store.read, record, this.#pipeline(name)));
    const [newest, oldest] = [records[0], records.at(-1)];
    return {
      instances,
      hasNewer: newest !== undefined && newest.id < (ends?.newest ?? 0),
      hasOlder: oldest !== undefined && oldest.id > (ends?.oldest ?? 0),
    };
  }

  async instance(name: string, counter: number): Promise<PipelineInstanceView | undefined> {
    const { read } = this.#context.store;
    const record = await read.instances.byCounter(name, counter);
    return record === undefined ? undefined : loadInstance(read, record, this.#pipeline(name));
  }

  async stage(
    name: string,
    counter: number,
    stage: string,
    stageCounter: number,
  ): Promise<StageView | undefined> {
    const { read } = this.#context.store;
    const instance = await read.instances.byCounter(name, counter);
    if (instance === undefined) return undefined;
    const newest = await loadStages(read, instance, this.#pipeline(name));
    const isWanted = (run: { readonly name: string; readonly counter: number }) =>
      sameName(run.name, stage) && run.counter === stageCounter;
    const found = newest.find((view) => view.scheduled && isWanted(view));
    if (found !== undefined) return found;
    const older = (await read.stages.ofInstance(instance.id)).find(isWanted);
    return older === undefined ? undefined : stageView(older, await read.jobs.ofStages([older.id]), false);
  }

  runStage(pipeline: string, counter: number, stage: string, by: string): Promise<CommandOutcome<number>> {
    return runStage(this.#context, { pipeline, counter, stage, by });
  }

  cancelStage(
    name: string,
    counter: number,
    stage: string,
    stageCounter: number,
    by: string,
  ): Promise<CommandOutcome> {
    const { writer, clock } = this.#context;
    return writer.run(async (repositories, changes) => {
      const instance = await repositories.instances.byCounter(name, counter);
      const runs = instance === undefined ? [] : await repositories.stages.ofInstance(instance.id);
      const run = runs.find(
        (candidate) => sameName(candidate.name, stage) && candidate.counter === stageCounter,
      );
      if (run === undefined) return { type: 'not-found', message: stageNotFound(stage, stageCounter) };
      if (isOver(run.state)) return done('Stage is not active. Cancellation Ignored.');
      const jobs = await repositories.jobs.ofStages([run.id]);
      await cancelJobs(this.#context, repositories, changes, { jobs, by, at: clock.now() });
      return done('Stage cancelled successfully.');
    });
  }

  async findJob(locator: Parameters<PipelineDesk['findJob']>[0]): Promise<JobView | undefined> {
    const { board, store } = this.#context;
    const { counter, stageCounter } = locator;
    if (counter !== 'latest' && stageCounter !== 'latest') {
      const active = board.byLocator(jobLocator({ ...locator, counter, stageCounter }));
      if (active !== undefined) return active.view;
    }
    return (await store.read.jobs.find(locator))?.view;
  }

  async job(jobId: number): Promise<JobView | undefined> {
    const { board, store } = this.#context;
    return (board.byId(jobId) ?? (await store.read.jobs.byId(jobId)))?.view;
  }

  get #context() {
    return this.#trigger.context;
  }

  #pipeline(name: string) {
    return this.#context.config().pipeline(name);
  }

  #setPause(
    name: string,
    pause: { readonly by: string; readonly reason: string } | undefined,
  ): Promise<CommandOutcome> {
    const pipeline = this.#pipeline(name);
    const verb = pause === undefined ? 'unpause' : 'pause';
    if (pipeline === undefined) {
      return Promise.resolve({ type: 'not-found', message: `Pipeline with name '${name}' was not found!` });
    }
    return this.#context.writer.run(async ({ pipelines }) => {
      const isPaused = (await pipelines.pauseOf(name)) !== undefined;
      if (isPaused === (pause !== undefined)) {
        const message = `Failed to ${verb} pipeline '${pipeline.name}'. Pipeline '${pipeline.name}' is already ${verb}d.`;
        return { type: 'conflict', message };
      }
      await pipelines.setPause(name, pause);
      return done(`Pipeline '${pipeline.name}' ${verb}d successfully.`);
    });
  }
}

function done(message: string): CommandOutcome {
  return { type: 'ok', value: undefined, message };
}

function stageNotFound(stage: string, counter: number): string {
  return (
    `Stage '${stage}' with counter '${counter}' not found. ` +
    'Please make sure specified stage or stage run with specified counter exists.'
  );
}
