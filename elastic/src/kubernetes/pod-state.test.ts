import type { V1PodStatus } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { foundAgent } from './pod-state.ts';

const waiting = (reason: string, message?: string): V1PodStatus => ({
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'agent',
      image: '',
      imageID: '',
      ready: false,
      restartCount: 0,
      state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
    },
  ],
});

test.each<[string, V1PodStatus, string, string]>([
  ['pending', { phase: 'Pending' }, 'starting', 'Pod Pending'],
  ['creating', waiting('ContainerCreating'), 'starting', 'The pod waits: ContainerCreating'],
  [
    'without a node',
    {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
    },
    'starting',
    'The pod waits: 0/3 nodes are available',
  ],
  [
    'without its image',
    waiting('ImagePullBackOff', 'Back-off'),
    'ended',
    'The pod cannot start: ImagePullBackOff: Back-off',
  ],
  ['running', { phase: 'Running' }, 'running', 'Pod Running'],
  ['done', { phase: 'Succeeded' }, 'ended', 'The pod has ended'],
  [
    'evicted',
    { phase: 'Failed', reason: 'Evicted', message: 'low on memory' },
    'ended',
    'The pod has failed: low on memory',
  ],
  [
    'killed',
    {
      phase: 'Failed',
      containerStatuses: [
        {
          name: 'agent',
          image: '',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        },
      ],
    },
    'ended',
    'The pod has failed: container agent ended with exit status 137 (OOMKilled)',
  ],
])('a pod that is %s', (_, status, state, detail) => {
  expect(foundAgent({ metadata: { name: 'ga-1' }, status })).toEqual({ agentId: 'ga-1', state, detail });
});
