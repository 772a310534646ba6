import type { AgentView } from '../domain/views.ts';
import { agentWords } from './gocd-words.ts';
import { docUrl, jobUrl, pathTo, stageUrl } from './web-links.ts';

/** An agent as GoCD's API v7 shows it (server-config-api 3.7), plus `display_state`: our state, Preparing among them. */
export function agentShape(base: string, agent: AgentView): Record<string, unknown> {
  const words = agentWords(agent);
  return {
    _links: {
      self: { href: `${base}/api/agents/${pathTo(agent.uuid)}` },
      doc: docUrl('agents'),
      find: { href: `${base}/api/agents/:uuid` },
    },
    uuid: agent.uuid,
    hostname: agent.hostName,
    ip_address: agent.ipAddress,
    sandbox: agent.sandbox,
    operating_system: agent.operatingSystem,
    agent_config_state: words.configState,
    agent_state: words.agentState,
    agent_version: agent.agentVersion,
    agent_bootstrapper_version: agent.bootstrapperVersion,
    environments: agent.environments.map((name) => ({ name, origin: { type: originOf(agent, name) } })),
    build_state: words.buildState,
    free_space: agent.freeSpace,
    display_state: agent.state,
    ...(agent.building === undefined ? {} : { build_details: buildDetails(base, agent.building) }),
    ...(agent.elastic === undefined
      ? { resources: agent.resources }
      : { elastic_plugin_id: agent.elastic.pluginId, elastic_agent_id: agent.elastic.agentId }),
  };
}

/** An agent may be in an environment that does not exist yet (server-agents-jobs-elastic 6.4). */
function originOf({ unknownEnvironments }: AgentView, name: string): 'gocd' | 'unknown' {
  return unknownEnvironments?.includes(name) === true ? 'unknown' : 'gocd';
}

function buildDetails(base: string, job: NonNullable<AgentView['building']>): Record<string, unknown> {
  return {
    _links: {
      job: { href: jobUrl(base, job) },
      stage: { href: stageUrl(base, job) },
      pipeline: { href: `${base}/pipelines/value_stream_map/${pathTo(job.pipeline, job.counter)}` },
    },
    pipeline_name: job.pipeline,
    stage_name: job.stage,
    job_name: job.job,
    pipeline_counter: job.counter,
    stage_counter: String(job.stageCounter),
  };
}
