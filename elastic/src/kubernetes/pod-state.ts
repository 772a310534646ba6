import type { V1ContainerStateWaiting, V1Pod } from '@kubernetes/client-node';
import { Label } from '../sdk/labels.ts';
import type { FoundAgent } from '../sdk/provider.ts';

/** Reasons for which a container waits that no patience mends. */
const HOPELESS = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

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

function stateOf({ status }: V1Pod): { readonly state: FoundAgent['state']; readonly detail?: string } {
  const containers = status?.containerStatuses ?? [];
  switch (status?.phase) {
    case 'Succeeded':
      return { state: 'ended', detail: 'The pod has ended' };
    case 'Failed': {
      const words = status.message ?? status.reason ?? exitOf(containers) ?? 'for a reason unknown';
      return { state: 'ended', detail: `The pod has failed: ${words}` };
    }
    case 'Running':
      return { state: 'running' };
    default:
      return pendingState(status);
  }
}

function pendingState(status: V1Pod['status']): {
  readonly state: FoundAgent['state'];
  readonly detail?: string;
} {
  const containers = status?.containerStatuses ?? [];
  const waiting = containers.flatMap(({ state }) => (state?.waiting === undefined ? [] : [state.waiting]));
  const hopeless = waiting.find(({ reason }) => reason !== undefined && HOPELESS.has(reason));
  if (hopeless !== undefined) return { state: 'ended', detail: `The pod cannot start: ${words(hopeless)}` };
  const unschedulable = status?.conditions?.find(
    (each) => each.type === 'PodScheduled' && each.status === 'False',
  );
  const why = unschedulable?.message ?? (waiting[0] === undefined ? undefined : words(waiting[0]));
  return why === undefined ? { state: 'starting' } : { state: 'starting', detail: `The pod waits: ${why}` };
}

function words({ reason, message }: V1ContainerStateWaiting): string {
  return message === undefined || message === ''
    ? (reason ?? 'unknown')
    : `${reason ?? 'unknown'}: ${message}`;
}

function exitOf(containers: NonNullable<V1Pod['status']>['containerStatuses']): string | undefined {
  const ended = containers?.map(({ name, state }) => ({ name, terminated: state?.terminated }));
  const failed = ended?.find(({ terminated }) => terminated !== undefined && terminated.exitCode !== 0);
  if (failed?.terminated === undefined) return undefined;
  const { reason, exitCode } = failed.terminated;
  return `container ${failed.name} ended with exit status ${exitCode}${reason === undefined ? '' : ` (${reason})`}`;
}
