import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { testCluster } from '../testing/provider-bench.ts';
import { ScriptedApiServer } from '../testing/scripted-api-server.ts';
import { kubernetesProvider as provider } from './provider.ts';

const never = new AbortController().signal;

/** A watch of one pod that runs, on a clock that stands still. */
async function setup() {
  const api = await ScriptedApiServer.listen();
  await using folder = await tempDir();
  const properties = { kubernetes_cluster_url: api.url, request_timeout: '10s' };
  const { cluster: real, order } = await testCluster(provider, properties, folder.path);
  const clock = new FakeClock();
  const cluster = { ...real, tools: { ...real.tools, clock } };
  await provider.create(order('ga-1', { image: 'agent:1' }), real, never);
  const stop = new AbortController();
  const lists = () =>
    api.requests.filter((request) => request.startsWith('GET') && !request.includes('watch=true')).length;
  return {
    api,
    clock,
    stop,
    lists,
    list: () => provider.list(cluster, never),
    watch: () => provider.watch?.(cluster, () => undefined, stop.signal),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await api[Symbol.asyncDispose]();
    },
  };
}

test('an API server that does not answer after a 410 leaves nothing known of before, and the watch fails in time', async () => {
  await using bench = await setup();
  const { api, clock, lists, list, watch } = bench;
  const watching = watch();
  const failed = expect(watching).rejects.toMatchObject({ code: 'elastic-kubernetes', retryable: true });
  await waitFor(() => api.watchers === 1);
  expect(await list()).toHaveLength(1);
  const before = lists();
  api.fail('LIST', 'hang', 'hang');
  api.tellAll('ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
  await waitFor(() => lists() === before + 1);
  const unknown = expect(list()).rejects.toThrow('listing pods: Not done within 10000 ms');
  await waitFor(() => lists() === before + 2);
  await clock.advance(10_000);
  await unknown;
  await failed;
});

test('a watch that the API server does not begin fails in time, and the API server is asked instead', async () => {
  await using bench = await setup();
  const { api, clock, lists, list, watch } = bench;
  api.fail('WATCH', 'hang');
  const failed = expect(watch()).rejects.toThrow('watching pods: Not done within 10000 ms');
  await waitFor(() => api.requests.at(-1)?.includes('watch=true'));
  await clock.advance(10_000);
  await failed;
  const before = lists();
  expect(await list()).toHaveLength(1);
  expect(lists()).toBe(before + 1);
});

test.each(['LIST', 'WATCH'] as const)(
  'a watch ends at once when nobody wants it any more, though the API server does not answer (%s)',
  async (kind) => {
    await using bench = await setup();
    const { api, stop, watch } = bench;
    api.fail(kind, 'hang');
    const before = api.requests.length;
    const watching = watch();
    await waitFor(() => api.requests.length === before + (kind === 'LIST' ? 1 : 2));
    stop.abort();
    expect(await watching).toBeUndefined();
  },
);

test('a request that the API server does not answer in time leaves no connection open', async () => {
  await using bench = await setup();
  const { api, clock, list, watch } = bench;
  api.fail('LIST', 'hang', 'hang');
  const ended = Promise.allSettled([watch(), list()]);
  await waitFor(() => api.unanswered === 2);
  await clock.advance(10_000);
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await waitFor(() => api.unanswered === 0, { timeoutMs: 4000 });
});
