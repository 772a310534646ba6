import type {
  AgentRuntimeInfo,
  JobIdentifier,
  JobResult as WireJobResult,
  JobState as WireJobState,
  Work,
} from '@go-agent/protocol';
import { AppError } from '@go-agent/runtime/core';
import { checkCookie } from '../core/agents/check-cookie.ts';
import type { Hold, WorkDesk } from '../core.ts';
import { isTakenBack, type JobEvent } from '../domain/job-state.ts';
import type { JobResult } from '../domain/views.ts';
import type { JobRecord } from '../store/job-record.ts';
import { advanceJob } from './advance-job.ts';
import type { Assigner } from './assigner.ts';
import type { SchedulerContext } from './scheduler-context.ts';

/** What agents ask and report about jobs (reference: agent-protocol 4.5, 4.7). */
export class AgentWorkDesk implements WorkDesk {
  readonly #context: SchedulerContext;
  readonly #assigner: Assigner;

  constructor(context: SchedulerContext, assigner: Assigner) {
    this.#context = context;
    this.#assigner = assigner;
  }

  work(info: AgentRuntimeInfo, hold: Hold): Promise<Work> {
    return this.#assigner.work(info, hold);
  }

  async reportState(info: AgentRuntimeInfo, job: JobIdentifier, state: WireJobState): Promise<void> {
    const record = await this.#reported(info, job);
    const event = eventOf(state);
    if (record === undefined || event === undefined) return;
    await this.#advance(record, event);
  }

  async reportCompleting(info: AgentRuntimeInfo, job: JobIdentifier, result: WireJobResult): Promise<void> {
    const record = await this.#reported(info, job);
    if (record !== undefined) await this.#advance(record, { type: 'completing', result: resultOf(result) });
  }

  async reportCompleted(info: AgentRuntimeInfo, job: JobIdentifier, result: WireJobResult): Promise<void> {
    const record = await this.#reported(info, job);
    // The files of a superseded job are those of the one that took its place.
    if (record === undefined || record.view.superseded) return;
    await this.#context.files.seal(record.view);
    await this.#advance(record, { type: 'completed', result: resultOf(result) });
  }

  async isIgnored(info: AgentRuntimeInfo, job: JobIdentifier): Promise<boolean> {
    this.#context.registry.heard(info);
    const record = await this.#find(job);
    return record !== undefined && isTakenBack(record.view);
  }

  releaseHeldRequests(): void {
    this.#assigner.releaseAll();
  }

  noteConsoleActivity(jobId: number): void {
    this.#context.board.noteActivity(jobId);
  }

  /** The job of a report, checked to be this agent's. @throws AppError `agent-cookie`, `agent-unknown`, `job-unknown`, `job-not-yours` */
  async #reported(info: AgentRuntimeInfo, job: JobIdentifier): Promise<JobRecord | undefined> {
    const { registry, health } = this.#context;
    const { uuid } = info.identifier;
    checkCookie(registry.get(uuid), info, health);
    registry.heard(info);
    const record = await this.#find(job);
    const name = `${job.pipelineName}/${job.pipelineCounter}/${job.stageName}/${job.stageCounter}/${job.buildName}`;
    if (record === undefined)
      throw new AppError('job-unknown', `There is no job with id ${job.buildId} (${name})`);
    if (record.view.agentUuid === uuid) return record;
    // Cancelled before anybody had it: nothing of it is anybody's.
    if (record.view.agentUuid === undefined && isTakenBack(record.view)) return undefined;
    throw new AppError(
      'job-not-yours',
      `AgentUUID has changed in the middle of a job. AgentUUID:${uuid}, Build: ${name}`,
    );
  }

  async #find({ buildId }: JobIdentifier): Promise<JobRecord | undefined> {
    const { board, store } = this.#context;
    return board.byId(buildId) ?? (await store.read.jobs.byId(buildId));
  }

  async #advance({ view }: JobRecord, event: JobEvent): Promise<void> {
    const { writer, clock } = this.#context;
    this.#context.board.noteActivity(view.jobId);
    await writer.run((repositories, changes) =>
      advanceJob(this.#context, repositories, changes, { jobId: view.jobId, event, at: clock.now() }),
    );
  }
}

/** Undefined: a state that no agent reports of a job that it has. */
function eventOf(state: WireJobState): JobEvent | undefined {
  switch (state) {
    case 'Preparing':
      return { type: 'preparing' };
    case 'Building':
      return { type: 'building' };
    case 'Completing':
      return { type: 'completing' };
    case 'Completed':
      // An agent says so, without a result, of a job that it was told to ignore before it began.
      return { type: 'cancelled' };
    default:
      return undefined;
  }
}

function resultOf(result: WireJobResult): JobResult {
  switch (result) {
    case 'Passed':
      return 'passed';
    case 'Failed':
      return 'failed';
    case 'Cancelled':
      return 'cancelled';
    case 'Unknown':
      return 'unknown';
  }
  return result satisfies never;
}
