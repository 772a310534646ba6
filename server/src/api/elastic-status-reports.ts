import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ElasticDesk, StatusReportWish } from '../core-elastic.ts';
import { Halt } from '../http/halt.ts';

const NOBODY = 'unassigned';

interface Report {
  readonly Params: { readonly plugin: string; readonly cluster?: string; readonly agent?: string };
  readonly Querystring: { readonly job_id?: string };
}

/** Pages that plugins make (server-agents-jobs-elastic 3.8). Sandboxed: no scripts, no forms, nothing from elsewhere. */
export function elasticStatusReports(app: FastifyInstance, elastic: ElasticDesk): void {
  const base = '/go/admin/status_reports/:plugin';
  app.get<Report>(base, ({ params }, reply) =>
    show(elastic, reply, { pluginId: params.plugin, kind: 'plugin' }),
  );
  app.get<Report>(`${base}/cluster/:cluster`, ({ params }, reply) =>
    show(elastic, reply, { pluginId: params.plugin, kind: 'cluster', clusterId: params.cluster ?? '' }),
  );
  app.get<Report>(`${base}/agent/:agent`, ({ params, query }, reply) => {
    const jobId = Number(query.job_id);
    if (!Number.isSafeInteger(jobId) || jobId < 1)
      throw Halt.text(422, 'Please provide a valid job_id for the agent status report.');
    const agentId = params.agent === NOBODY ? {} : { agentId: params.agent ?? '' };
    return show(elastic, reply, { pluginId: params.plugin, kind: 'agent', jobId, ...agentId });
  });
}

async function show(
  elastic: ElasticDesk,
  reply: FastifyReply,
  wish: StatusReportWish,
): Promise<FastifyReply> {
  const outcome = await elastic.statusReport(wish);
  if (outcome.type !== 'ok') throw Halt.text(outcome.type === 'failed' ? 502 : 404, outcome.message);
  return reply
    .header('Content-Type', 'text/html; charset=utf-8')
    .header(
      'Content-Security-Policy',
      "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    )
    .header('X-Content-Type-Options', 'nosniff')
    .header('Cache-Control', 'no-store')
    .send(outcome.html);
}
