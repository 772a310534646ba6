// Plugins that are not there, as GoCD tells of them (reference: server-agents-jobs-elastic 3.3, 3.6).

import type { ClusterProfile } from '../../domain/elastic-profile.ts';
import type { SchedulerContext } from '../../scheduler/scheduler-context.ts';
import type { JobRecord } from '../../store/job-record.ts';
import type { BrokerContext } from './broker-context.ts';

/** A job is looked at again within ten minutes. */
const JOB_MS = 660_000;
/** All clusters are looked at again within 45 s. */
const AGENTS_MS = 150_000;
const MOST_NAMED = 20;

export function missingReason({ pluginId, id }: ClusterProfile): string {
  return `Plugin [${pluginId}] associated with cluster profile '${id}' is missing. Either the plugin is not installed or could not be started: see the server's health messages and log.`;
}

export function tellMissingFor(
  { health }: Pick<SchedulerContext, 'health'>,
  { view: { jobId, pipeline, stage, job } }: JobRecord,
  { pluginId }: ClusterProfile,
): void {
  const name = `${pipeline}/${stage}/${job}`;
  health.reportFor(JOB_MS, {
    scope: missingScope(jobId),
    level: 'error',
    message: `Unable to find agent for ${name}`,
    detail: `Plugin [${pluginId}] associated with ${name} is missing. Either the plugin is not installed (--plugins) or its folder cannot be used: see the other health messages and the server's log.`,
  });
}

/** The job does not wait any more. */
export function forgetMissingFor({ health }: Pick<SchedulerContext, 'health'>, jobId: number): void {
  health.clear(missingScope(jobId));
}

/** Agents that nobody can stop. */
export function tellLeftBehind({ fleet, providers, scheduler }: BrokerContext): void {
  const agents = fleet.all().filter(({ pluginId }) => providers.provider(pluginId) === undefined);
  for (const [pluginId, left] of Map.groupBy(agents, (agent) => agent.pluginId)) {
    const named = left.slice(0, MOST_NAMED).map(({ uuid, agentId, id }) => uuid ?? agentId ?? `no. ${id}`);
    const more = left.length > named.length ? ', …' : '';
    scheduler.health.reportFor(AGENTS_MS, {
      scope: `elastic-agents/${pluginId}`,
      level: 'warning',
      message: 'Elastic agents with no matching plugins',
      detail: `Elastic agent plugin with identifier ${pluginId} has gone missing, but left behind ${left.length} agent(s) with UUIDs [${named.join(', ')}${more}].`,
    });
  }
}

function missingScope(jobId: number): string {
  return `elastic-job/${jobId}`;
}
