// Nets under the event-driven parts: agents that are gone, jobs that are silent (reference: server-agents-jobs-elastic 2.7, 2.8).

import { isOnAgent } from '../domain/job-state.ts';
import type { JobRecord } from '../store/job-record.ts';
import { advanceJob } from './advance-job.ts';
import { cancelJobs } from './cancel-jobs.ts';
import type { SchedulerContext } from './scheduler-context.ts';

const PENDING_LIFE_MS = 300_000;

/** Marks agents that were silent for too long; a disabled one too. Pending ones are forgotten. */
export function markLostAgents({ registry }: SchedulerContext, lostContactMs: number): void {
  for (const agent of registry.all()) {
    const silentMs = registry.silentMs(agent);
    if (agent.pending) {
      if (silentMs >= PENDING_LIFE_MS) registry.remove(agent.record.uuid);
    } else if (silentMs >= lostContactMs && agent.runtime !== 'lost-contact') {
      registry.apply(agent.record.uuid, 'silent');
    }
  }
}

/** Jobs whose agent is lost or deleted are scheduled again. */
export async function rescheduleLostJobs(context: SchedulerContext): Promise<void> {
  const { board, registry, writer, clock, logger } = context;
  for (const { view } of board.all()) {
    if (!isOnAgent(view.state) || view.agentUuid === undefined) continue;
    const runtime = registry.get(view.agentUuid)?.runtime;
    if (runtime !== undefined && runtime !== 'lost-contact') continue;
    logger.warn(
      { jobId: view.jobId, agent: view.agentUuid },
      'A job is scheduled again: contact with its agent is lost',
    );
    await writer.run((repositories, changes) =>
      advanceJob(context, repositories, changes, {
        jobId: view.jobId,
        event: { type: 'rescheduled' },
        at: clock.now(),
      }),
    );
  }
}

/** Jobs without a sign of life for longer than their timeout are cancelled. */
export async function cancelSilentJobs(context: SchedulerContext): Promise<void> {
  const { board, writer, clock, files } = context;
  for (const job of board.all().filter((candidate) => isSilent(context, candidate))) {
    const cancelled = await writer.run((repositories, changes) =>
      cancelJobs(context, repositories, changes, { jobs: [job], by: 'timeout', at: clock.now() }),
    );
    for (const { view } of cancelled) await files.note?.(view, silenceText(job));
  }
}

function isSilent({ board }: SchedulerContext, { view, timeoutMinutes }: JobRecord): boolean {
  return timeoutMinutes > 0 && board.silentMs(view.jobId) > timeoutMinutes * 60_000;
}

function silenceText({ view, timeoutMinutes }: JobRecord): string {
  const what = view.state === 'scheduled' ? 'been assigned an agent' : 'generated any console output';
  return `Go cancelled this job as it has not ${what} for more than ${timeoutMinutes} minute(s)`;
}
