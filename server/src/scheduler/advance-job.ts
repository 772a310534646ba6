// Moves a job on, and with it its stage and what follows.

import { isActive, type JobEvent, transitionJob } from '../domain/job-state.ts';
import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import type { SchedulerContext } from './scheduler-context.ts';
import { settleStage } from './settle-stage.ts';
import type { Changes } from './writer.ts';

export interface Advance {
  readonly jobId: number;
  readonly event: JobEvent;
  readonly at: number;
  /** Who cancelled, for a stage that ends by it. */
  readonly cancelledBy?: string;
}

/** The job as it is now; undefined if the event changed nothing. */
export async function advanceJob(
  context: SchedulerContext,
  repositories: Repositories,
  changes: Changes,
  { jobId, event, at, cancelledBy }: Advance,
): Promise<JobRecord | undefined> {
  const { jobs } = repositories;
  const before = await jobs.byId(jobId);
  if (before === undefined) return undefined;
  const step = transitionJob(before.view, event);
  if (step.type === 'ignored') return undefined;
  const plan = step.status.state === 'rescheduled' ? await jobs.plan(jobId) : undefined;
  if (!(await jobs.advance(jobId, before.view.state, step, at))) return undefined;
  if (!isActive(step.status.state)) await jobs.dropPlan(jobId);
  const after = await jobs.byId(jobId);
  if (after !== undefined) changes.job(after);
  if (plan !== undefined) {
    // The copy keeps the place in the queue: it is not the job's fault that its agent was lost.
    const { id } = await jobs.insert({
      stageId: before.stageId,
      name: before.view.job,
      plan,
      queuedAt: before.view.scheduledAt,
      at,
    });
    const copy = await jobs.byId(id);
    if (copy !== undefined) changes.job(copy);
  }
  if (step.status.state !== before.view.state || step.status.result !== before.view.result) {
    await settleStage(context, repositories, changes, { stageId: before.stageId, at, cancelledBy });
  }
  return after;
}
