// Ends jobs that are not over, for an operator or because they are silent.

import type { JobRecord } from '../store/job-record.ts';
import type { Repositories } from '../store/repositories.ts';
import { advanceJob } from './advance-job.ts';
import type { SchedulerContext } from './scheduler-context.ts';
import type { Changes } from './writer.ts';

/** Their agents are told after the commit. Answers those that were still active. */
export async function cancelJobs(
  context: SchedulerContext,
  repositories: Repositories,
  changes: Changes,
  { jobs, by, at }: { readonly jobs: readonly JobRecord[]; readonly by: string; readonly at: number },
): Promise<JobRecord[]> {
  const cancelled: JobRecord[] = [];
  for (const { view } of jobs) {
    const after = await advanceJob(context, repositories, changes, {
      jobId: view.jobId,
      event: { type: 'cancelled' },
      at,
      cancelledBy: by,
    });
    if (after === undefined) continue;
    cancelled.push(after);
    changes.afterwards.push(() => endOnAgent(context, after));
  }
  return cancelled;
}

/** An agent that has the job goes on writing to its console; its last report seals it. Without one, nothing more comes. */
function endOnAgent({ registry, background, files }: SchedulerContext, job: JobRecord): void {
  const { agentUuid, jobId } = job.view;
  if (agentUuid === undefined) background.run(`Sealing job ${jobId}`, () => files.seal(job.view));
  else registry.apply(agentUuid, 'job-cancelled');
}
