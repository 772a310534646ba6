import type { StatusReportParams } from '@go-agent/protocol/elastic';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { ConfiguredProvider } from './plugin-host/configured-provider.ts';
import { statusReport } from './status-reports.ts';
import { openBroker } from './testing/open-broker.ts';

/** A broker with a job that waits for its agent, and pages of a plugin of its cluster and of another one. */
async function open() {
  const it = await openBroker('jobs_per_agent: 1');
  await it.trigger();
  await waitFor(() => it.cloud.machines.has('m-1'));
  const asked: StatusReportParams[] = [];
  let html = '<p>all well</p>';
  const pages = (pluginId: string): ConfiguredProvider => ({
    pluginId,
    unavailable: undefined,
    stopsAgents: true,
    clusterFields: [],
    profileFields: [],
    statusReports: ['plugin', 'cluster', 'agent'],
    assignWork: (params) => it.cloud.assignWork(params),
    startAgents: (params) => it.cloud.startAgents(params),
    stopAgent: (params) => it.cloud.stopAgent(params),
    listInstances: (clusters) => it.cloud.listInstances(clusters),
    tell: () => undefined,
    validate: async () => ({ problems: [] }),
    clustersChanged: () => undefined,
    clusterSaved: () => undefined,
    async statusReport(params) {
      asked.push(params);
      if (html === 'fails') throw new Error('The plugin has crashed');
      return html;
    },
  });
  const plugins = new Map(['scripted', 'other'].map((id) => [id, pages(id)]));
  const host = { readyProvider: async (id: string) => plugins.get(id) };
  const [job] = it.fixture.core.elastic.waiting();
  return {
    asked,
    jobId: job?.job.jobId ?? 0,
    answerWith: (text: string) => {
      html = text;
    },
    report: (wish: Parameters<typeof statusReport>[2]) => statusReport(it.cloud.broker.context, host, wish),
    [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
  };
}

test('a page about an agent is asked of the plugin and the cluster that its job belongs to, by the id of the job', async () => {
  await using it = await open();
  const { jobId } = it;
  expect(await it.report({ pluginId: 'scripted', kind: 'agent', agentId: 'm-1', jobId })).toEqual({
    type: 'ok',
    html: '<p>all well</p>',
  });
  expect(it.asked).toMatchObject([
    { kind: 'agent', agentId: 'm-1', clusters: [{ id: 'cloud' }], job: { jobId, profile: { id: 'small' } } },
  ]);
  expect(await it.report({ pluginId: 'scripted', kind: 'agent', jobId })).toMatchObject({ type: 'ok' });
  expect(it.asked[1]).not.toHaveProperty('agentId');
});

test('a plugin makes no page about a job or a cluster of another plugin', async () => {
  await using it = await open();
  const { jobId } = it;
  expect(await it.report({ pluginId: 'other', kind: 'agent', agentId: 'm-1', jobId })).toMatchObject({
    type: 'not-found',
    message: expect.stringContaining('Could not fetch agent status report for agent m-1'),
  });
  expect(await it.report({ pluginId: 'other', kind: 'cluster', clusterId: 'cloud' })).toMatchObject({
    type: 'not-found',
    message: "Cluster profile with id 'cloud' was not found!",
  });
  expect(it.asked).toEqual([]);
});

test('the page about a plugin has its own clusters only', async () => {
  await using it = await open();
  await it.report({ pluginId: 'other', kind: 'plugin' });
  await it.report({ pluginId: 'scripted', kind: 'plugin' });
  expect(it.asked.map(({ clusters }) => clusters.map(({ id }) => id))).toEqual([[], ['cloud']]);
});

test('a page that is blank, that fails, or of a plugin that is not there says so', async () => {
  await using it = await open();
  const wish = { pluginId: 'scripted', kind: 'plugin' } as const;
  it.answerWith(' \n');
  expect(await it.report(wish)).toEqual({ type: 'failed', message: 'Status Report is blank!' });
  it.answerWith('fails');
  expect(await it.report(wish)).toMatchObject({
    type: 'failed',
    message: expect.stringContaining('crashed'),
  });
  expect(await it.report({ ...wish, pluginId: 'nobody' })).toMatchObject({ type: 'not-found' });
});
