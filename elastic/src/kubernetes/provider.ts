import { AppError, withDeadline } from '@go-agent/runtime/core';
import type { V1Pod } from '@kubernetes/client-node';
import { type Cluster, defineProvider } from '../sdk/provider.ts';
import { apiTrouble, isPassing, statusOf, wordsOf } from './api-trouble.ts';
import { buildPod, checkPod, readPod } from './build-pod.ts';
import { type Connection, openConnection } from './connect.ts';
import { foundAgent } from './pod-state.ts';
import { clusterSchema, type KubernetesCluster, profileSchema } from './schema.ts';
import { untilAborted } from './until-aborted.ts';
import { watchPods } from './watch-pods.ts';

type Connected = Cluster<KubernetesCluster, Connection>;

/** How often is looked whether a pod that was deleted is gone, if no watch tells. */
const GONE_POLL_MS = 500;
/** So long after its grace, the node of a pod that is still there is out of reach. */
const GONE_MS = 30_000;

/** Agents in pods, made from properties, from a template, or from a YAML of one's own. */
export const kubernetesProvider = defineProvider({
  id: 'go-agent.kubernetes',
  name: 'Kubernetes',
  version: '1.0.0',
  description: 'Runs each agent in a pod of its own.',
  clusterSchema,
  profileSchema,
  checkProfile: checkPod,
  checkCluster: ({ pod_template }) => checkTemplate(pod_template),

  connect: async ({ properties }) => openConnection(properties),

  async create(order, cluster, signal) {
    const { api, cache } = cluster.connection;
    const { namespace } = cluster.properties;
    const body = buildPod(order, cluster.properties);
    try {
      // Not ended in the middle: a pod could come up after it was removed. The cache is told by the answer, so that no
      // list misses a pod that the watch has not shown yet.
      const unbroken = new AbortController().signal;
      cache.set(
        await within(cluster, unbroken, (options) => api.createNamespacedPod({ namespace, body }, options)),
      );
      return { type: 'created' };
    } catch (error) {
      const status = statusOf(error);
      if (status === 409) {
        const there = await read(cluster, order.agentId, signal);
        if (there !== null && isOwn(there, cluster.labels)) return { type: 'created' };
      }
      if (isPassing(status)) throw apiTrouble(`creating pod ${order.agentId}`, error);
      return { type: 'refused', reason: `Kubernetes refuses the pod: ${wordsOf(error)}` };
    }
  },

  async list(cluster, signal) {
    const { api, cache } = cluster.connection;
    const known = cache.list();
    if (known !== undefined) return known.map(foundAgent);
    const { namespace } = cluster.properties;
    const list = await within(cluster, signal, (options) =>
      api.listNamespacedPod({ namespace, labelSelector: selectorOf(cluster.labels) }, options),
    ).catch((error: unknown) => {
      throw apiTrouble('listing pods', error);
    });
    return list.items.map(foundAgent);
  },

  async remove(agentId, cluster, signal) {
    const { api, cache } = cluster.connection;
    const { namespace, stop_grace: grace } = cluster.properties;
    const there = await read(cluster, agentId, signal);
    if (there !== null && !isOwn(there, cluster.labels)) return;
    if (there !== null) {
      const gracePeriodSeconds = Math.ceil(grace / 1000);
      await within(cluster, signal, (options) =>
        api.deleteNamespacedPod({ name: agentId, namespace, gracePeriodSeconds }, options),
      ).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw apiTrouble(`deleting pod ${agentId}`, error);
      });
      await untilGone(cluster, agentId, there.metadata?.uid, signal);
    }
    cache.delete(agentId);
  },

  async watch({ connection, labels, properties, tools }, changed, signal) {
    const { namespace, request_timeout: patienceMs } = properties;
    const pods = { namespace, selector: selectorOf(labels), patienceMs, clock: tools.clock, changed };
    await watchPods(connection, pods, signal);
  },
});

/** @throws AppError `elastic-kubernetes` (retryable) if the pod stays */
async function untilGone(
  cluster: Connected,
  name: string,
  uid: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = cluster.tools;
  const patienceMs = cluster.properties.stop_grace + GONE_MS;
  const deadline = clock.monotonic() + patienceMs;
  do {
    const pod = await read(cluster, name, signal);
    if (pod === null || pod.metadata?.uid !== uid) return;
    if (clock.monotonic() >= deadline) {
      const message = `Kubernetes: pod ${name} is still there ${Math.round(patienceMs / 1000)} s after it was deleted`;
      throw new AppError('elastic-kubernetes', message, { retryable: true });
    }
  } while (await clock.sleep(GONE_POLL_MS, signal));
  signal.throwIfAborted();
}

async function read(cluster: Connected, name: string, signal: AbortSignal): Promise<V1Pod | null> {
  const { api } = cluster.connection;
  try {
    return await within(cluster, signal, (options) =>
      api.readNamespacedPod({ name, namespace: cluster.properties.namespace }, options),
    );
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw apiTrouble(`looking for pod ${name}`, error);
  }
}

function checkTemplate(
  template: string | undefined,
): readonly { readonly key: string; readonly message: string }[] {
  try {
    readPod(template, 'pod_template');
    return [];
  } catch (error) {
    return [{ key: 'pod_template', message: wordsOf(error) }];
  }
}

function isOwn(pod: V1Pod, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => pod.metadata?.labels?.[name] === value);
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function within<T>(
  { properties, tools }: Connected,
  signal: AbortSignal,
  work: (options: ReturnType<typeof untilAborted>) => Promise<T>,
): Promise<T> {
  const ask = (own: AbortSignal) => work(untilAborted(own));
  return withDeadline(ask, properties.request_timeout, tools.clock, signal);
}
