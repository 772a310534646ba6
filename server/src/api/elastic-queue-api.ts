import type { FastifyInstance } from 'fastify';
import type { ElasticDesk, ElasticPluginView } from '../core-elastic.ts';
import type { JobWaitView } from '../domain/views.ts';
import { Halt } from '../http/halt.ts';
import { apiRoute } from './api-route.ts';
import { baseUrl, jobUrl } from './web-links.ts';

/** Not GoCD's: which jobs wait for elastic agents and why, and how the plugins are. */
export function elasticQueueApi(app: FastifyInstance, elastic: ElasticDesk): void {
  apiRoute(app, {
    method: 'GET',
    path: '/api/elastic/waiting',
    versions: [1],
    handle: async (request) =>
      elastic.waiting().map(({ job, wait }) => ({
        pipeline_name: job.pipeline,
        pipeline_counter: job.counter,
        stage_name: job.stage,
        stage_counter: String(job.stageCounter),
        job_name: job.job,
        job_id: job.jobId,
        scheduled_date: job.scheduledAt,
        _links: { self: { href: jobUrl(baseUrl(request), job) } },
        waiting: waitShape(wait),
      })),
  });
  apiRoute(app, {
    method: 'GET',
    path: '/api/elastic/plugins',
    versions: [1],
    handle: async () => elastic.plugins().map(pluginShape),
  });
  apiRoute<{ readonly Params: { readonly id: string } }>(app, {
    method: 'GET',
    path: '/api/elastic/plugins/:id',
    versions: [1],
    handle: async ({ params: { id } }) => {
      const plugin = await elastic.plugin(id);
      if (plugin === undefined) throw Halt.message(404, `Plugin with id: '${id}' is not found.`);
      return pluginShape(plugin);
    },
  });
}

function pluginShape(plugin: ElasticPluginView) {
  const { id, isUsed, unavailable, clusterFields, profileFields, statusReports } = plugin;
  const notUsed = `Not used: no cluster profile names this plugin, so it is not running. GET /go/api/elastic/plugins/${id} starts it.`;
  return {
    id,
    status: !isUsed ? 'not used' : unavailable === undefined ? 'ready' : 'unavailable',
    message: isUsed ? (unavailable ?? null) : notUsed,
    status_reports: statusReports,
    cluster_profile_fields: clusterFields,
    elastic_agent_profile_fields: profileFields,
  };
}

export function waitShape(wait: JobWaitView) {
  return {
    action: wait.action,
    reason: wait.reason,
    elastic_profile_id: wait.profileId ?? null,
    cluster_profile_id: wait.clusterId ?? null,
    plugin_id: wait.pluginId ?? null,
    answered_at: wait.answeredAt ?? null,
    ask_again_at: wait.askAgainAt ?? null,
  };
}
