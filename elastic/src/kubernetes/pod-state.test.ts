import type { V1ContainerStatus, V1PodStatus } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { foundAgent } from './pod-state.ts';

type State = NonNullable<V1ContainerStatus['state']>;

const container = (name: string, state: State): V1ContainerStatus => ({
  name,
  image: '',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
});
const wait = (reason: string, message?: string): State => ({
  waiting: { reason, ...(message === undefined ? {} : { message }) },
});
const waiting = (reason: string, message?: string): V1PodStatus => ({
  phase: 'Pending',
  containerStatuses: [container('agent', wait(reason, message))],
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
      containerStatuses: [container('agent', { terminated: { exitCode: 137, reason: 'OOMKilled' } })],
    },
    'ended',
    'The pod has failed: container agent ended with exit status 137 (OOMKilled)',
  ],
])('a pod that is %s', (_, status, state, detail) => {
  expect(foundAgent({ metadata: { name: 'ga-1' }, status })).toEqual({ agentId: 'ga-1', state, detail });
});

const KILLED: State = { terminated: { exitCode: 137, reason: 'OOMKilled' } };
const RUNNING: State = { running: {} };

/** A pod as it was made: the agent is in its second container. */
function pod(
  containers: readonly V1ContainerStatus[],
  more: Partial<V1PodStatus> = {},
  restartPolicy = 'Never',
) {
  const env = [{ name: 'GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID', value: 'ga-1' }];
  const spec = { restartPolicy, containers: [{ name: 'db' }, { name: 'builder', env }] };
  const status = { phase: 'Running', containerStatuses: [...containers], ...more };
  return foundAgent({ metadata: { name: 'ga-1' }, spec, status });
}

test('an agent that ended has ended, whatever goes on beside it', () => {
  expect(pod([container('builder', KILLED), container('db', RUNNING)])).toMatchObject({
    state: 'ended',
    detail: 'The agent has ended: container builder ended with exit status 137 (OOMKilled)',
  });
  expect(pod([container('db', KILLED), container('builder', RUNNING)])).toMatchObject({ state: 'running' });
});

test.each(['Running', 'Pending'])(
  'an agent that cannot start does not hide behind one that runs (%s)',
  (phase) => {
    const missing = wait('CreateContainerConfigError', 'secret "x" not found');
    expect(pod([container('db', RUNNING), container('builder', missing)], { phase })).toMatchObject({
      state: 'ended',
      detail: 'The pod cannot start: CreateContainerConfigError: secret "x" not found',
    });
  },
);

test('an agent that runs is not given up for what cannot start beside it', () => {
  const containers = [container('builder', RUNNING), container('db', wait('ImagePullBackOff'))];
  expect(pod(containers, { phase: 'Pending' })).toMatchObject({ state: 'running' });
});

test('an agent that the pod starts again has not ended', () => {
  const containers = [container('builder', KILLED), container('db', RUNNING)];
  expect(pod(containers, {}, 'Always')).toMatchObject({ state: 'running' });
  expect(pod([container('builder', { terminated: { exitCode: 0 } })], {}, 'OnFailure')).toMatchObject({
    state: 'ended',
  });
});

test('what an init container waits for is said, and one that cannot start is a failure at once', () => {
  const containers = [
    container('builder', wait('PodInitializing')),
    container('db', wait('PodInitializing')),
  ];
  const init = (state: State, phase = 'Pending') =>
    pod(containers, { phase, initContainerStatuses: [container('clone', state)] });
  expect(init(wait('ImagePullBackOff', 'no such image'))).toMatchObject({
    state: 'ended',
    detail: 'The pod cannot start: init container clone: ImagePullBackOff: no such image',
  });
  expect(init(wait('CrashLoopBackOff', 'back-off 10s'))).toMatchObject({
    state: 'starting',
    detail: 'The pod waits: init container clone: CrashLoopBackOff: back-off 10s',
  });
  expect(init(RUNNING)).toMatchObject({ state: 'starting', detail: 'The pod waits: PodInitializing' });
  expect(init({ terminated: { exitCode: 1 } }, 'Failed')).toMatchObject({
    state: 'ended',
    detail: 'The pod has failed: init container clone ended with exit status 1',
  });
});
