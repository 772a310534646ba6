import type { AgentRuntimeInfo } from '@go-agent/protocol';
import { isTakenBack } from '../../domain/job-state.ts';
import { parseStageLocator } from '../../domain/locator.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';

/**
 * An agent that is busy with a job that was taken back while the server could not tell it (the server was restarted, or the agent
 * was out of reach) is told now to stop.
 */
export async function findOrphan(
  { registry, board, store }: SchedulerContext,
  info: AgentRuntimeInfo,
): Promise<void> {
  const { uuid } = info.identifier;
  if (registry.get(uuid)?.runtime !== 'building' || board.onAgent(uuid) !== undefined) return;
  const address = parseBuildLocator(info.buildingInfo.buildLocator);
  const job = address === undefined ? undefined : await store.read.jobs.find(address, uuid);
  if (job !== undefined && isTakenBack(job.view)) registry.apply(uuid, 'job-cancelled');
}

function parseBuildLocator(encoded: string) {
  const slash = encoded.lastIndexOf('/');
  try {
    const stage = parseStageLocator(decodeURIComponent(encoded.slice(0, Math.max(0, slash))));
    return stage === undefined ? undefined : { ...stage, job: decodeURIComponent(encoded.slice(slash + 1)) };
  } catch {
    // Not percent-encoded text: no job of ours.
    return undefined;
  }
}
