import type { ElasticCluster, ElasticInstance } from '@go-agent/protocol/elastic';
import type { PluginCalls } from './plugin-calls.ts';
import type { Violations } from './rules.ts';

/** What the plugin lists; undefined if it cannot say. */
export async function readInstances(
  calls: PluginCalls,
  clusters: readonly ElasticCluster[],
  violations: Violations,
): Promise<readonly ElasticInstance[] | undefined> {
  const answer = await calls.listInstances({ clusters });
  if (answer === undefined) return undefined;
  const asked = new Set(clusters.map(({ id }) => id));
  const seen = new Set<string>();
  for (const id of answer.clusterIds) {
    if (!asked.has(id)) violations.add('lists-own', `cluster ${id} is named, which was not asked about`);
  }
  for (const { agentId, clusterId } of answer.instances) {
    if (!answer.clusterIds.includes(clusterId)) {
      violations.add('lists-own', `an agent is listed in cluster ${clusterId}, which is not named`);
    }
    if (seen.has(agentId)) violations.add('lists-own', `agent ${agentId} is listed twice`);
    seen.add(agentId);
  }
  return answer.clusterIds.length === clusters.length ? answer.instances : undefined;
}
