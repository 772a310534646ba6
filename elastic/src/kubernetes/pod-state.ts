import type { V1ContainerStateTerminated, V1Pod } from '@kubernetes/client-node';
import { Label } from '../sdk/labels.ts';
import type { FoundAgent } from '../sdk/provider.ts';
import { type ContainerState, containersOf, exitOf, isHopeless, waitOf } from './container-states.ts';

type State = Pick<FoundAgent, 'state' | 'detail'>;

export function foundAgent(pod: V1Pod): FoundAgent {
  const { metadata, status } = pod;
  const profileId = metadata?.labels?.[Label.profile];
  const since = metadata?.creationTimestamp;
  const { state, detail } = stateOf(pod);
  return {
    agentId: metadata?.name ?? '',
    state,
    ...(since === undefined ? {} : { createdAt: new Date(since).getTime() }),
    ...(profileId === undefined ? {} : { profileId }),
    detail: detail ?? `Pod ${status?.phase ?? 'Pending'}`,
  };
}

/** The phase tells of all containers together: one that goes on beside the agent keeps a pod running that has no agent any more. */
function stateOf(pod: V1Pod): State {
  const { status } = pod;
  const containers = containersOf(pod);
  const agent = containers.find(({ isAgent }) => isAgent);
  const { running, terminated } = agent?.state ?? {};
  if (status?.phase === 'Succeeded') return { state: 'ended', detail: 'The pod has ended' };
  if (status?.phase === 'Failed') {
    const why = status.message ?? status.reason ?? failureOf(containers) ?? 'for a reason unknown';
    return { state: 'ended', detail: `The pod has failed: ${why}` };
  }
  if (running !== undefined) return { state: 'running' };
  if (agent !== undefined && terminated !== undefined && !isRestarted(pod, terminated))
    return { state: 'ended', detail: `The agent has ended: ${exitOf(agent)}` };
  return waitingState(pod, containers);
}

function waitingState({ status }: V1Pod, containers: readonly ContainerState[]): State {
  const hopeless = waitOf(containers.filter(isHopeless));
  if (hopeless !== undefined) return { state: 'ended', detail: `The pod cannot start: ${hopeless}` };
  // An agent that ended is being started again, as the pod wants it.
  const state = status?.phase === 'Running' ? 'running' : 'starting';
  const unschedulable = status?.conditions?.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False',
  );
  const why = unschedulable?.message ?? waitOf(containers);
  return why === undefined ? { state } : { state, detail: `The pod waits: ${why}` };
}

function isRestarted({ spec }: V1Pod, { exitCode }: V1ContainerStateTerminated): boolean {
  return spec?.restartPolicy === 'Always' || (spec?.restartPolicy === 'OnFailure' && exitCode !== 0);
}

function failureOf(containers: readonly ContainerState[]): string | undefined {
  const failed = containers.filter(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  const first = failed.find(({ isAgent }) => isAgent) ?? failed[0];
  return first === undefined ? undefined : exitOf(first);
}
