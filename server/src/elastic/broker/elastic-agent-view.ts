import type { ElasticAgentView } from '../../domain/views.ts';
import type { ElasticAgentRecord } from '../../store/elastic-agent-repository.ts';

/** Without its key and the job that it was made for: it may have had others since. */
export function elasticAgentView(agent: ElasticAgentRecord, isGone: boolean): ElasticAgentView {
  const { id, pluginId, agentId, clusterId, profileId, phase, stopReason, uuid, jobsGiven } = agent;
  return {
    id,
    pluginId,
    ...(agentId === undefined ? {} : { agentId }),
    clusterId,
    profileId,
    phase: isGone ? 'gone' : phase,
    ...(stopReason === undefined ? {} : { stopReason }),
    ...(uuid === undefined ? {} : { uuid }),
    jobsGiven,
  };
}
