import { systemClock } from '@go-agent/runtime/core';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { playDay } from '../testing/play-day.ts';
import { KEY, testCluster } from '../testing/provider-bench.ts';
import { ScriptedApiServer } from '../testing/scripted-api-server.ts';
import { kubernetesProvider as provider } from './provider.ts';

const never = new AbortController().signal;

async function setup(more: Record<string, string> = {}) {
  const api = await ScriptedApiServer.listen();
  await using folder = await tempDir();
  const given = {
    kubernetes_cluster_url: api.url,
    security_token: 'token-1',
    namespace: 'ci',
    request_timeout: '60s',
  };
  const open = (clusterId?: string) => testCluster(provider, { ...given, ...more }, folder.path, clusterId);
  const made = await open();
  const stop = new AbortController();
  let changes = 0;
  return {
    ...made,
    api,
    open,
    /** Watches until disposal; rejects what the watch rejects. */
    watch: () => provider.watch?.(made.cluster, () => changes++, stop.signal),
    changes: () => changes,
    list: () => provider.list(made.cluster, never),
    stop,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await api[Symbol.asyncDispose]();
    },
  };
}

const profile = { image: 'agent:1' };

test('a pod is made, listed with its state, and deleted', async () => {
  await using bench = await setup();
  const { api, cluster, order, list } = bench;
  expect(await provider.create(order('ga-1', profile), cluster, never)).toEqual({ type: 'created' });
  expect(api.authorization).toBe('Bearer token-1');
  const pod = api.pods.get('ga-1');
  expect(pod?.metadata).toMatchObject({
    namespace: 'ci',
    labels: { 'go-agent.server': 'server-1', 'go-agent.cluster': 'c1' },
  });
  expect(pod?.spec?.containers[0]?.env).toContainEqual({ name: 'GO_EA_AUTO_REGISTER_KEY', value: KEY });
  expect(await list()).toMatchObject([
    { agentId: 'ga-1', state: 'starting', createdAt: Date.UTC(2026, 0, 1) },
  ]);
  api.setStatus('ga-1', { phase: 'Running' });
  expect(await list()).toMatchObject([{ state: 'running' }]);
  await provider.remove('ga-1', cluster, never);
  expect(api.pods.size).toBe(0);
  await provider.remove('ga-1', cluster, never);
});

test('the same order twice makes one pod', async () => {
  await using bench = await setup();
  const { api, cluster, order } = bench;
  await provider.create(order('ga-1', profile), cluster, never);
  expect(await provider.create(order('ga-1', profile), cluster, never)).toEqual({ type: 'created' });
  expect(api.pods.size).toBe(1);
});

test('what the API server refuses is a reason; its own trouble, or no answer, may pass', async () => {
  await using bench = await setup();
  const { api, cluster, order } = bench;
  api.fail('POST', { status: 403, message: 'pods "ga-1" is forbidden: exceeded quota' });
  expect(await provider.create(order('ga-1', profile), cluster, never)).toEqual({
    type: 'refused',
    reason: 'Kubernetes refuses the pod: pods "ga-1" is forbidden: exceeded quota',
  });
  for (const failure of [
    { status: 503, message: 'etcd' },
    { status: 429, message: 'slowly' },
    'drop',
  ] as const) {
    api.fail('POST', failure);
    await expect(provider.create(order('ga-1', profile), cluster, never)).rejects.toMatchObject({
      code: 'elastic-kubernetes',
      retryable: true,
    });
  }
  expect(await provider.create(order('ga-1', profile), cluster, never)).toEqual({ type: 'created' });
});

test('while a watch goes on, lists come from it and the API server is not asked again', async () => {
  await using bench = await setup();
  const { api, cluster, order, list, watch, changes } = bench;
  const watching = watch();
  await waitFor(() => api.watchers === 1);
  await provider.create(order('ga-1', profile), cluster, never);
  expect(await list()).toMatchObject([{ agentId: 'ga-1', state: 'starting' }]);
  const before = changes();
  api.setStatus('ga-1', { phase: 'Running' });
  // The pod as it was made may be told of only now.
  await waitFor(async () => changes() > before && (await list())[0]?.state === 'running');
  api.remove('ga-1');
  await waitFor(async () => (await list()).length === 0);
  expect(
    api.requests.filter(
      (request) => /^GET .*pods\?labelSelector=/.test(request) && !request.includes('watch'),
    ),
  ).toHaveLength(1);
  bench.stop.abort();
  await watching;
});

test('a pod that is made while the watch asks for its list is not missed', async () => {
  await using bench = await setup();
  const { api, cluster, order, list, watch, changes } = bench;
  const answer = Promise.withResolvers<void>();
  api.listsWait = answer.promise;
  const watching = watch();
  await waitFor(() => api.requests.length === 1);
  await provider.create(order('ga-1', profile), cluster, never);
  answer.resolve();
  await waitFor(() => changes() === 1);
  expect(await list()).toMatchObject([{ agentId: 'ga-1' }]);
  bench.stop.abort();
  await watching;
});

test('a watch that the API server ends is taken up where it was, without a new list', async () => {
  await using bench = await setup();
  const { api, watch } = bench;
  const watching = watch();
  await waitFor(() => api.watchers === 1);
  api.tellAll('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion: '777' } });
  api.endWatches('end');
  await waitFor(() => api.watchers === 1);
  const watches = api.requests.filter((request) => request.includes('watch=true'));
  expect(watches.at(-1)).toContain('resourceVersion=777');
  expect(api.requests.filter((request) => !request.includes('watch=true'))).toHaveLength(1);
  bench.stop.abort();
  await watching;
});

test.each(['in the stream', 'as an answer'])(
  'a watch that is too old (410 %s) begins with a new list',
  async (how) => {
    await using bench = await setup();
    const { api, cluster, order, list, watch } = bench;
    const watching = watch();
    await waitFor(() => api.watchers === 1);
    const lists = () =>
      api.requests.filter((request) => request.startsWith('GET') && !request.includes('watch=true')).length;
    const before = lists();
    if (how === 'in the stream') api.tellAll('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
    else {
      api.fail('WATCH', { status: 410, message: 'too old' });
      api.endWatches('end');
    }
    // The watch that is over may be counted for a while: this is the one after the new list.
    await waitFor(() => lists() > before && api.requests.at(-1)?.includes('watch=true'));
    await provider.create(order('ga-1', profile), cluster, never);
    api.setStatus('ga-1', { phase: 'Running' });
    await waitFor(async () => (await list())[0]?.state === 'running');
    bench.stop.abort();
    await watching;
  },
);

test('when the API server is out of reach, nothing is known: no empty list, neither from the watch nor without it', async () => {
  await using bench = await setup();
  const { api, cluster, order, list, watch } = bench;
  await provider.create(order('ga-1', profile), cluster, never);
  const watching = watch();
  watching?.catch(() => undefined);
  await waitFor(() => api.watchers === 1);
  expect(await list()).toHaveLength(1);
  api.fail('WATCH', 'drop');
  api.fail('LIST', { status: 500, message: 'etcd has no leader' }, 'drop');
  api.endWatches('destroy');
  await expect(watching).rejects.toMatchObject({ code: 'elastic-kubernetes', retryable: true });
  await expect(list()).rejects.toThrow('etcd has no leader');
  await expect(list()).rejects.toMatchObject({ retryable: true });
  expect(await list()).toHaveLength(1);
});

test('removal waits until the pod is gone', async () => {
  await using bench = await setup();
  const { api, cluster, order } = bench;
  await provider.create(order('ga-1', profile), cluster, never);
  api.lingering = true;
  let gone = false;
  const removing = provider.remove('ga-1', cluster, never).then(() => (gone = true));
  await waitFor(() => api.requests.some((request) => request.startsWith('DELETE')));
  expect(gone).toBe(false);
  api.remove('ga-1');
  await removing;
  expect(api.requests.find((request) => request.startsWith('DELETE'))).toContain('gracePeriodSeconds=10');
});

test('a pod that stays, as on a node that is lost, is not waited for without end', async () => {
  await using bench = await setup();
  const { api, cluster, order } = bench;
  await provider.create(order('ga-1', profile), cluster, never);
  api.lingering = true;
  // Each look takes ten seconds of this clock.
  let now = 0;
  const sleep = async () => {
    now += 10_000;
    return true;
  };
  const clock = {
    ...systemClock,
    monotonic: () => now,
    sleep: (ms: number, signal: AbortSignal) => (ms < 1000 ? sleep() : systemClock.sleep(ms, signal)),
  };
  const tools = { ...cluster.tools, clock };
  await expect(provider.remove('ga-1', { ...cluster, tools }, never)).rejects.toMatchObject({
    retryable: true,
    message: 'Kubernetes: pod ga-1 is still there 40 s after it was deleted',
  });
  await expect(provider.remove('ga-1', { ...cluster, tools }, never)).rejects.toMatchObject({
    retryable: true,
  });
  api.remove('ga-1');
  await provider.remove('ga-1', { ...cluster, tools }, never);
});

test("another cluster's pods in the same namespace are neither listed nor deleted", async () => {
  await using bench = await setup();
  const { api, cluster, order, open } = bench;
  await provider.create(order('ga-1', profile), cluster, never);
  const other = await open('c2');
  expect(await provider.list(other.cluster, never)).toEqual([]);
  await provider.remove('ga-1', other.cluster, never);
  expect(api.pods.size).toBe(1);
});

test('a whole day breaks no rule', async () => {
  await using api = await ScriptedApiServer.listen();
  api.eager = true;
  const cluster = { kubernetes_cluster_url: api.url, security_token: 'token-1' };
  const { violations, done } = await playDay(provider, cluster, profile, 15);
  expect(violations).toEqual([]);
  expect(done.agents).toBeGreaterThan(3);
  expect(api.pods.size).toBe(0);
});
