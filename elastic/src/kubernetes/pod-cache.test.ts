import type { V1Pod } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { PodCache } from './pod-cache.ts';

function pod(name: string, phase = 'Running'): V1Pod {
  return { metadata: { name }, status: { phase } };
}

test('what was made or deleted while a list was on its way is newer than the list', () => {
  const cache = new PodCache();
  cache.set(pod('of-old'));
  cache.listing();
  cache.set(pod('made', 'Pending'));
  cache.set(pod('known', 'Pending'));
  cache.delete('deleted');
  cache.replace([pod('known'), pod('deleted')]);
  expect(cache.list()).toEqual([pod('known'), pod('made', 'Pending')]);
  cache.listing();
  cache.replace([]);
  expect(cache.list()).toEqual([]);
});
