import { AppError, describeError } from '@go-agent/runtime/core';
import { loadYaml, type V1Container, type V1Pod } from '@kubernetes/client-node';
import type { AgentOrder } from '../sdk/provider.ts';
import { registrationVariables } from '../sdk/registration-variables.ts';
import type { FieldProblem } from '../sdk/schema.ts';
import { merge } from './merge-yaml.ts';
import type { KubernetesCluster, KubernetesProfile } from './schema.ts';

/** What YAML gives: the library's classes without their methods. */
type Plain<T> = T extends Date
  ? T
  : T extends (infer E)[]
    ? Plain<E>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

/** @throws AppError `elastic-profile` if what is given makes no pod */
export function buildPod(order: AgentOrder<KubernetesProfile>, cluster: KubernetesCluster): V1Pod {
  const { agentId, profile, labels } = order;
  const pod = merge(readPod(cluster.pod_template, 'pod_template'), readPod(profile.pod, 'pod')) as Partial<
    Plain<V1Pod>
  >;
  const containers = [...(pod.spec?.containers ?? [])];
  const name = agentContainer(containers, profile.agent_container);
  const given = containers.find((container) => container.name === name) ?? { name };
  const agent = addAgent(given, order, cluster);
  if (agent.image === undefined) {
    throw new AppError(
      'elastic-profile',
      `Container ${name} has no image; give one in the profile or in its pod`,
    );
  }
  const { service_account: account, node_selector: nodes, image_pull_secrets: secrets } = profile;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...pod.metadata,
      name: agentId,
      namespace: cluster.namespace,
      labels: { ...pod.metadata?.labels, ...cluster.labels, ...labels },
      annotations: { ...pod.metadata?.annotations, ...profile.annotations },
    },
    spec: {
      // An agent whose container ends is gone: its key is spent, so that a restarted one could not register.
      restartPolicy: 'Never',
      ...pod.spec,
      ...(account === undefined ? {} : { serviceAccountName: account }),
      ...(Object.keys(nodes).length === 0 ? {} : { nodeSelector: { ...pod.spec?.nodeSelector, ...nodes } }),
      ...(secrets.length === 0 ? {} : { imagePullSecrets: secrets.map((secret) => ({ name: secret })) }),
      containers:
        given === containers.find((container) => container.name === name)
          ? containers.map((container) => (container === given ? agent : container))
          : [...containers, agent],
    },
  };
}

/** Finds what `buildPod` would throw at. */
export function checkPod(profile: KubernetesProfile): readonly FieldProblem[] {
  try {
    const pod = readPod(profile.pod, 'pod');
    const containers = pod.spec?.containers ?? [];
    agentContainer(containers, profile.agent_container);
    return [];
  } catch (error) {
    return [{ key: 'pod', message: describeError(error) }];
  }
}

/** An empty pod if there is no text. @throws AppError `elastic-profile` */
export function readPod(yaml: string | undefined, field: string): Partial<Plain<V1Pod>> {
  if (yaml === undefined) return {};
  let pod: unknown;
  try {
    pod = loadYaml<unknown>(yaml);
  } catch (cause) {
    throw new AppError('elastic-profile', `${field} is no YAML: ${describeError(cause)}`, { cause });
  }
  const { kind, spec } = (pod ?? {}) as { kind?: unknown; spec?: { containers?: unknown } };
  const isPod = typeof pod === 'object' && !Array.isArray(pod) && (kind === undefined || kind === 'Pod');
  if (
    !isPod ||
    typeof spec !== 'object' ||
    (spec.containers !== undefined && !Array.isArray(spec.containers))
  ) {
    throw new AppError('elastic-profile', `${field} must be the YAML of one Pod, with a spec`);
  }
  return pod as Partial<Plain<V1Pod>>;
}

/** The container that gets the key. @throws AppError `elastic-profile` if the one that is named is not there */
function agentContainer(containers: readonly Plain<V1Container>[], wanted: string | undefined): string {
  if (wanted === undefined) {
    return containers.find(({ name }) => name === 'agent')?.name ?? containers[0]?.name ?? 'agent';
  }
  if (containers.length === 0 || containers.some(({ name }) => name === wanted)) return wanted;
  const names = containers.map(({ name }) => name).join(', ');
  throw new AppError('elastic-profile', `There is no container ${wanted} in the pod; it has ${names}`);
}

function addAgent(
  container: Plain<V1Container>,
  order: AgentOrder<KubernetesProfile>,
  cluster: KubernetesCluster,
): Plain<V1Container> {
  const { image, command, environment, privileged, ...profile } = order.profile;
  const added = { ...environment, ...registrationVariables(order, cluster.server_url) };
  const own = (container.env ?? []).filter(({ name }) => !Object.hasOwn(added, name));
  const limits = amounts(profile.max_memory, profile.cpus);
  const requests = amounts(profile.reserved_memory, profile.reserved_cpus);
  return {
    ...container,
    ...(image === undefined ? {} : { image }),
    ...(command.length === 0 ? {} : { command: [...command] }),
    env: [...own, ...Object.entries(added).map(([name, value]) => ({ name, value }))],
    resources: {
      ...container.resources,
      limits: { ...container.resources?.limits, ...limits },
      requests: { ...container.resources?.requests, ...requests },
    },
    ...(privileged ? { securityContext: { ...container.securityContext, privileged } } : {}),
  };
}

function amounts(memory: number | undefined, cpus: number | undefined): Record<string, string> {
  return {
    ...(memory === undefined ? {} : { memory: String(memory) }),
    ...(cpus === undefined ? {} : { cpu: `${Math.round(cpus * 1000)}m` }),
  };
}
