import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { AgentOrder } from '../sdk/provider.ts';
import { registrationVariables } from '../sdk/registration-variables.ts';
import type { FieldProblem } from '../sdk/schema.ts';
import type { DockerCluster, DockerProfile } from './schema.ts';

/** What the Docker Engine API is asked for, for one agent. Networks but the first are connected later. */
export function containerSpec(
  order: AgentOrder<DockerProfile>,
  cluster: DockerCluster,
): ContainerCreateOptions {
  const { profile, agentId, labels } = order;
  const { image, command, privileged, user, networks } = profile;
  const address = cluster.server_url === undefined ? order : { ...order, serverUrl: cluster.server_url };
  const variables = { ...cluster.environment, ...profile.environment, ...registrationVariables(address) };
  return {
    name: agentId,
    Hostname: agentId.slice(0, 63),
    Image: image,
    ...(command.length === 0 ? {} : { Cmd: [...command] }),
    ...(user === undefined ? {} : { User: user }),
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: { ...cluster.labels, ...labels },
    HostConfig: {
      ...limits(profile),
      Mounts: profile.mounts.map(mount),
      ExtraHosts: profile.hosts.map(host),
      Ulimits: Object.entries(profile.ulimits).map(([name, value]) => ulimit(name, value)),
      Privileged: privileged,
      // An agent whose container ends is gone: its key is spent, so that a restarted one could not register.
      RestartPolicy: { Name: 'no' },
      Init: profile.init,
      ...(networks[0] === undefined ? {} : { NetworkMode: networks[0] }),
    },
  };
}

/** What the rules of the single fields cannot say. */
export function checkDockerProfile(profile: DockerProfile): readonly FieldProblem[] {
  const problem = (key: string, wrong: readonly string[], form: string) =>
    wrong.map((value) => ({ key, message: `"${value}" is not of the form ${form}.` }));
  const { reserved_memory: reserved, max_memory: max } = profile;
  return [
    ...problem(
      'mounts',
      profile.mounts.filter((each) => !MOUNT.test(each)),
      'source:target or source:target:ro',
    ),
    ...problem(
      'hosts',
      profile.hosts.filter((each) => !HOST.test(each)),
      'name:address',
    ),
    ...problem(
      'ulimits',
      Object.entries(profile.ulimits).flatMap(([name, value]) =>
        LIMIT.test(value) ? [] : [`${name}=${value}`],
      ),
      'name=soft:hard',
    ),
    ...(reserved !== undefined && max !== undefined && reserved > max
      ? [{ key: 'reserved_memory', message: 'Reserved memory must not be above the memory limit.' }]
      : []),
  ];
}

const MOUNT = /^([^:]+):(\/[^:]*)(?::(ro|rw))?$/;
/** The address may be of version 6, and so may have colons. GoCD's plugin has the address first, with a space. */
const HOST = /^(?:([^:\s]+):(\S+)|(\S+)\s+(\S+))$/;
const LIMIT = /^-?\d+(:-?\d+)?$/;

function limits({ max_memory, reserved_memory, cpus }: DockerProfile): HostConfig {
  return {
    // Without a word on swap, Docker would allow as much again.
    ...(max_memory === undefined ? {} : { Memory: max_memory, MemorySwap: max_memory }),
    ...(reserved_memory === undefined ? {} : { MemoryReservation: reserved_memory }),
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
  };
}

function mount(text: string): MountSettings {
  const [, source = '', target = '', mode] = MOUNT.exec(text) ?? [];
  const type = source.startsWith('/') ? 'bind' : 'volume';
  return { Type: type, Source: source, Target: target, ReadOnly: mode === 'ro' };
}

function host(text: string): string {
  const [, name, address, addressFirst, nameLast] = HOST.exec(text) ?? [];
  return name === undefined ? `${nameLast}:${addressFirst}` : `${name}:${address}`;
}

function ulimit(name: string, text: string): { Name: string; Soft: number; Hard: number } {
  const [soft, hard = soft] = text.split(':').map(Number);
  return { Name: name, Soft: soft ?? 0, Hard: hard ?? 0 };
}
