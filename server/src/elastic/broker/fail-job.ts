import { advanceJob } from '../../scheduler/advance-job.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { JobRecord } from '../../store/job-record.ts';

const SHOWN_MS = 3_600_000;

/** A job that nobody has and nobody can run fails, and its console says why. */
export async function failJob(context: SchedulerContext, job: JobRecord, why: string): Promise<void> {
  const { writer, clock, health, logger, files } = context;
  const { jobId, pipeline, counter, stage, job: name } = job.view;
  const failed = await writer.run(async (repositories, changes) => {
    const now = await repositories.jobs.byId(jobId);
    if (now?.view.state !== 'scheduled') return undefined;
    const event = { type: 'failed' } as const;
    return advanceJob(context, repositories, changes, { jobId, event, at: clock.now() });
  });
  if (failed === undefined) return;
  logger.warn({ jobId, why }, 'A job for elastic agents fails before it was assigned');
  health.reportFor(SHOWN_MS, {
    scope: `job/${jobId}`,
    level: 'error',
    message: `Job ${pipeline}/${counter}/${stage}/${name} failed before it was assigned`,
    detail: why,
  });
  await files.note?.(failed.view, why);
  await files.seal(failed.view);
}
