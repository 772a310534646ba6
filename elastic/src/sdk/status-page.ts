import type { ElasticInstance, StatusReportParams } from '@go-agent/protocol/elastic';

/** What the plugin knows, as a page without scripts. */
export function statusPage(
  name: string,
  { kind, clusters, agentId, job }: StatusReportParams,
  reached: readonly string[],
  instances: readonly ElasticInstance[],
  now: number,
): string {
  if (kind === 'agent') {
    const instance = instances.find((each) => each.agentId === agentId);
    const title = agentId ?? (job === undefined ? 'Agent' : `Agent for job ${job.jobName}`);
    const state =
      instance === undefined
        ? agentId === undefined
          ? 'No agent has been started for it yet.'
          : 'There is no such agent in the cluster.'
        : `${instance.state}, ${age(instance.startedAt, now)}`;
    return page(title, `<p>${escaped(state)}</p>`);
  }
  const parts = clusters.map(({ id }) => {
    const own = instances.filter(({ clusterId }) => clusterId === id);
    const rows = own.map(
      ({ agentId: each, state, startedAt }) =>
        `<tr><td>${escaped(each)}</td><td>${state}</td><td>${age(startedAt, now)}</td></tr>`,
    );
    const table = `<table><tr><th>Agent</th><th>State</th><th>Age</th></tr>${rows.join('')}</table>`;
    const body = own.length > 0 ? table : '<p>No agents.</p>';
    return `<h2>${escaped(id)}</h2>${reached.includes(id) ? body : '<p>The cluster cannot be reached.</p>'}`;
  });
  return page(name, parts.join(''));
}

function page(title: string, body: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${escaped(title)}</title><h1>${escaped(title)}</h1>${body}`;
}

function age(startedAt: number | undefined, now: number): string {
  if (startedAt === undefined) return 'age unknown';
  const minutes = Math.max(0, Math.floor((now - startedAt) / 60_000));
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
