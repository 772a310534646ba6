import type { V1ContainerState, V1Pod } from '@kubernetes/client-node';

export interface ContainerState {
  /** As people call it. */
  readonly label: string;
  readonly isAgent: boolean;
  readonly state: V1ContainerState | undefined;
}

/** Reasons for which a container waits that no patience mends. */
const HOPELESS = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImagePullBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);
/** It waits for an init container, which may have more to tell. */
const INITIALIZING = 'PodInitializing';
const MARK = 'GO_EA_AUTO_REGISTER_ELASTIC_AGENT_ID';

/** Those that may have something to tell come first: init containers, the agent's, the others. */
export function containersOf(pod: V1Pod): readonly ContainerState[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {};
  const agent = agentContainer(pod);
  const inits = initContainerStatuses.map(({ name, state }) => ({
    label: `init container ${name}`,
    isAgent: false,
    state,
  }));
  const others = containerStatuses.map(({ name, state }) => ({
    label: `container ${name}`,
    isAgent: name === agent,
    state,
  }));
  const isFirst = ({ isAgent }: ContainerState) => isAgent;
  return [...inits, ...others.filter(isFirst), ...others.filter((each) => !isFirst(each))];
}

/**
 * The one that was given the agent's name and key. The pod itself tells, also a new plugin, and whatever the profile says by now; without
 * that it is the one that is called agent, else the first.
 */
function agentContainer({ metadata, spec, status }: V1Pod): string | undefined {
  const containers = spec?.containers ?? [];
  const marked = containers.find(({ env }) =>
    env?.some(({ name, value }) => name === MARK && value === metadata?.name),
  );
  const named = status?.containerStatuses?.find(({ name }) => name === 'agent');
  return (marked ?? named ?? containers[0] ?? status?.containerStatuses?.[0])?.name;
}

export function isHopeless({ state }: ContainerState): boolean {
  return HOPELESS.has(state?.waiting?.reason ?? '');
}

/** Why the first of them waits that has something to tell; undefined if none waits. */
export function waitOf(containers: readonly ContainerState[]): string | undefined {
  const waiting = containers.filter(({ state }) => state?.waiting !== undefined);
  const telling = waiting.find(({ state }) => state?.waiting?.reason !== INITIALIZING) ?? waiting[0];
  if (telling === undefined) return undefined;
  const { state, isAgent, label } = telling;
  const { reason = 'unknown', message } = state?.waiting ?? {};
  const words = message === undefined || message === '' ? reason : `${reason}: ${message}`;
  return isAgent ? words : `${label}: ${words}`;
}

/** How it ended. */
export function exitOf({ state, label }: ContainerState): string {
  const { exitCode, reason } = state?.terminated ?? {};
  return `${label} ended with exit status ${exitCode}${reason === undefined ? '' : ` (${reason})`}`;
}
