import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';
import type { BrokerContext } from './broker-context.ts';

/** A machine that nobody looks for is paid for until somebody reads this. */
const SHOWN_MS = 7 * 86_400_000;

/** An agent that can be stopped neither where it was made nor where its cluster is now: people have to look for it. */
export function reportGivenUp(
  { scheduler, places }: Pick<BrokerContext, 'scheduler' | 'places'>,
  agent: ElasticAgentRecord,
  cluster: ClusterProfile,
  why: string,
): void {
  const { logger, health } = scheduler;
  const { agentId = '', pluginId, clusterId, createdAt } = agent;
  const now = places.now(agent);
  const changed =
    now === undefined
      ? 'is not configured any more'
      : `has changed since (${changedKeys(cluster, now).join(', ')})`;
  const message = `Elastic agent ${agentId} of cluster profile '${clusterId}' may still run`;
  const detail =
    `It was made ${new Date(createdAt).toISOString()} by plugin ${pluginId}. The cluster profile ${changed}, and where it pointed to ` +
    `before, the agent could not be stopped for an hour; it is not tried again. Last: ${why}. Look for ${agentId} there (label ` +
    'go-agent.agent) and remove it by hand, or it is paid for on and on.';
  logger.error({ agentId, pluginId, cluster: clusterId, detail }, message);
  // One that has never come up is hardly there: a line in the log is enough.
  if (!places.hasCome(agent)) return;
  health.reportFor(SHOWN_MS, { scope: givenUpScope(pluginId, agentId), level: 'error', message, detail });
}

export function givenUpScope(pluginId: string, agentId: string): string {
  return `elastic-agent/${pluginId}/${agentId}`;
}

/** Names only: values that nobody has marked as secret may be secret all the same. */
function changedKeys(before: ClusterProfile, now: ClusterProfile): string[] {
  const texts = (cluster: ClusterProfile) =>
    new Map(cluster.properties.map((property) => [property.key, JSON.stringify(property)]));
  const [old, current] = [texts(before), texts(now)];
  const keys = new Set([...old.keys(), ...current.keys()]);
  return [...keys].filter((key) => old.get(key) !== current.get(key)).toSorted();
}
