// List once, then watch: what informers do. A watch that ends is taken up where it was; one that is too old begins anew.
import { type Clock, withDeadline } from '@go-agent/runtime/core';
import { type V1Pod, Watch } from '@kubernetes/client-node';
import { apiTrouble } from './api-trouble.ts';
import type { Connection } from './connect.ts';
import { untilAborted } from './until-aborted.ts';

export interface WatchPods {
  readonly namespace: string;
  readonly selector: string;
  /** So long is the API server given to begin an answer. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly changed: () => void;
}

/** The API server ends a watch after so long, and the library one in which nothing came for a little longer. */
const WATCH_SECONDS = 240;
const SILENCE_MS = 300_000;
const GONE = 410;

type WatchEnd = { readonly type: 'ended' | 'too-old' } | { readonly type: 'failed'; readonly error: unknown };

/** Keeps the cache in step until `signal` is aborted. @throws AppError `elastic-kubernetes` when the API server is out of reach */
export async function watchPods(connection: Connection, pods: WatchPods, signal: AbortSignal): Promise<void> {
  const { cache } = connection;
  try {
    let version = '';
    while (!signal.aborted) {
      if (version === '') version = await relist(connection, pods, signal);
      const position = { version };
      const end = await watchOnce(connection, pods, position, signal);
      if (signal.aborted) return;
      if (end.type === 'failed') throw apiTrouble('watching pods', end.error);
      if (end.type === 'too-old') cache.lose();
      version = end.type === 'too-old' ? '' : position.version;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    cache.lose();
  }
}

async function relist(
  { api, cache }: Connection,
  { namespace, selector, patienceMs, clock, changed }: WatchPods,
  signal: AbortSignal,
): Promise<string> {
  cache.listing();
  const ask = (own: AbortSignal) =>
    api.listNamespacedPod({ namespace, labelSelector: selector }, untilAborted(own));
  const list = await withDeadline(ask, patienceMs, clock, signal).catch((error: unknown) => {
    throw apiTrouble('listing pods', error);
  });
  cache.replace(list.items);
  changed();
  return list.metadata?.resourceVersion ?? '';
}

async function watchOnce(
  { config, cache }: Connection,
  { namespace, selector, patienceMs, clock, changed }: WatchPods,
  position: { version: string },
  signal: AbortSignal,
): Promise<WatchEnd> {
  const { promise, resolve } = Promise.withResolvers<WatchEnd>();
  const watch: Watch = Object.assign(new Watch(config), { requestTimeoutMs: SILENCE_MS });
  const onEvent = (type: string, object: V1Pod & { readonly code?: number }) => {
    if (type === 'ERROR') {
      resolve(
        object.code === GONE
          ? { type: 'too-old' }
          : { type: 'failed', error: new Error(JSON.stringify(object)) },
      );
      return;
    }
    position.version = object.metadata?.resourceVersion ?? position.version;
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') cache.delete(object.metadata?.name ?? '');
    else cache.set(object);
    changed();
  };
  const onDone = (error: unknown) => {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : 0;
    if (status === GONE) resolve({ type: 'too-old' });
    else resolve(error === null || error === undefined ? { type: 'ended' } : { type: 'failed', error });
  };
  const query = {
    labelSelector: selector,
    resourceVersion: position.version,
    allowWatchBookmarks: true,
    timeoutSeconds: WATCH_SECONDS,
  };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  // Known when the API server has begun to answer, which it does at once. One that comes late is not waited for.
  const beginning = watch.watch(path, query, onEvent, onDone);
  const stop = () => resolve({ type: 'ended' });
  signal.addEventListener('abort', stop, { once: true });
  try {
    await withDeadline(() => beginning, patienceMs, clock, signal).catch((error: unknown) =>
      resolve({ type: 'failed', error }),
    );
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
    void beginning.then(
      (running) => running.abort(),
      () => undefined,
    );
  }
}
