import type { ElasticAgent, ElasticJob, V5Agent, V5JobIdentifier } from '@go-agent/protocol/elastic';

/** All seven fields, byte for byte the same in each request about a job. */
export function v5Job(job: ElasticJob): V5JobIdentifier {
  return {
    pipeline_name: job.pipelineName,
    pipeline_label: job.pipelineLabel,
    pipeline_counter: job.pipelineCounter,
    stage_name: job.stageName,
    stage_counter: String(job.stageCounter),
    job_name: job.jobName,
    job_id: job.jobId,
  };
}

export function v5Agent({ agentId, state, enabled }: ElasticAgent): V5Agent {
  const config_state = enabled ? 'Enabled' : 'Disabled';
  switch (state) {
    case 'idle':
      return { agent_id: agentId, agent_state: 'Idle', build_state: 'Idle', config_state };
    case 'building':
      return { agent_id: agentId, agent_state: 'Building', build_state: 'Building', config_state };
    case 'cancelled':
      return { agent_id: agentId, agent_state: 'Building', build_state: 'Cancelled', config_state };
    case 'lost-contact':
      return { agent_id: agentId, agent_state: 'LostContact', build_state: 'Unknown', config_state };
    case 'missing':
      return { agent_id: agentId, agent_state: 'Missing', build_state: 'Unknown', config_state };
  }
  return state satisfies never;
}
