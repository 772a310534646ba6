// Status pages, made by plugins (reference: server-agents-jobs-elastic 3.8).

import { describeError } from '@go-agent/runtime/core';
import type { StatusReportOutcome, StatusReportWish } from '../core-elastic.ts';
import type { BrokerContext } from './broker/broker-context.ts';
import { clusterOf, jobOf, profileOf } from './broker/elastic-shapes.ts';
import type { PluginHost } from './plugin-host/plugin-host.ts';

export async function statusReport(
  { scheduler, fleet }: BrokerContext,
  host: Pick<PluginHost, 'readyProvider'>,
  wish: StatusReportWish,
): Promise<StatusReportOutcome> {
  const { pluginId, kind, clusterId, agentId, jobId } = wish;
  const provider = await host.readyProvider(pluginId);
  if (provider === undefined)
    return { type: 'not-found', message: `Plugin with id: '${pluginId}' is not found.` };
  if (!provider.statusReports.includes(kind))
    return {
      type: 'not-found',
      message: `Status Report for plugin with id: '${pluginId}' is not supported.`,
    };
  const { clusterProfiles, elasticProfiles } = scheduler.config();
  const job = jobId === undefined ? undefined : scheduler.board.byId(jobId);
  const agent = agentId === undefined ? undefined : fleet.byAgentId(pluginId, agentId);
  const profile = elasticProfiles.find(
    ({ id }) => id === (job?.requirement.elasticProfileId ?? agent?.profileId),
  );
  const wanted = kind === 'agent' ? profile?.clusterProfileId : clusterId;
  const clusters = clusterProfiles.filter(
    (cluster) => cluster.pluginId === pluginId && (kind === 'plugin' || cluster.id === wanted),
  );
  if (kind !== 'plugin' && clusters.length === 0) {
    const gone = `Could not fetch agent status report for agent ${agentId} as either the job running on the agent has been completed or the agent has been terminated.`;
    const message = kind === 'agent' ? gone : `Cluster profile with id '${clusterId}' was not found!`;
    return { type: 'not-found', message };
  }
  try {
    const { secrets } = scheduler;
    const html = await provider.statusReport({
      kind,
      clusters: clusters.map((cluster) => clusterOf(cluster, secrets)),
      ...(agentId === undefined ? {} : { agentId }),
      ...(job === undefined || profile === undefined ? {} : { job: jobOf(job, profileOf(profile, secrets)) }),
    });
    if (html.trim() === '') return { type: 'failed', message: 'Status Report is blank!' };
    return { type: 'ok', html };
  } catch (error) {
    return { type: 'failed', message: describeError(error) };
  }
}
