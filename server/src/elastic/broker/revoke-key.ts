import { waitUnanswered } from '../../domain/elastic-wait.ts';
import type { BrokerContext } from './broker-context.ts';
import { keyHash } from './key-desk.ts';

/** The plugin makes no agent with this key (v5). True: no other key for the same agent is out, and it is given up. */
export async function revokeKey(
  { fleet, rests, scheduler, waits, wake }: BrokerContext,
  pluginId: string,
  { key, reason }: { readonly key: string; readonly reason: string },
): Promise<boolean> {
  const agent = fleet.byKeyHash(keyHash(key));
  if (agent === undefined || agent.pluginId !== pluginId) return true;
  if (!(await fleet.dropKey(agent.id, keyHash(key)))) return false;
  // The job has another agent, or is over.
  if (agent.stopReason === 'not-needed') return false;
  const { jobId = 0, profileId } = agent;
  const now = scheduler.clock.now();
  rests.failed(profileId, reason, now);
  if (scheduler.board.byId(jobId)?.view.state === 'scheduled')
    waits.set(jobId, waitUnanswered(`The plugin made no agent: ${reason}`, waits.get(jobId), now));
  wake(agent.clusterId, 'agents-changed');
  return true;
}
