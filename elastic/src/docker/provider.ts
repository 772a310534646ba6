import { withDeadline } from '@go-agent/runtime/core';
import type Docker from 'dockerode';
import { Label } from '../sdk/labels.ts';
import { type Cluster, type CreateOutcome, defineProvider, type FoundAgent } from '../sdk/provider.ts';
import { checkDockerProfile, containerSpec } from './container-spec.ts';
import { engineTrouble, openEngine, statusOf, wordsOf } from './engine.ts';
import { pullImage } from './pull-image.ts';
import { clusterSchema, type DockerCluster, profileSchema } from './schema.ts';
import { untilContainersChange } from './watch-containers.ts';

type Connected = Cluster<DockerCluster, Docker>;

/** Agents in containers, by the Docker Engine API: Docker's own, or Podman's. */
export const dockerProvider = defineProvider({
  id: 'go-agent.docker',
  name: 'Docker or Podman',
  version: '1.0.0',
  description: 'Runs each agent in a container of its own, on a Docker or Podman host.',
  clusterSchema,
  profileSchema,
  checkProfile: checkDockerProfile,
  checkCluster: ({ docker_uri: uri }) =>
    /^(unix:\/\/)?\//.test(uri) || /^(tcp|https?):\/\/./.test(uri)
      ? []
      : [{ key: 'docker_uri', message: 'Must be unix:///path, tcp://host:port or https://host:port.' }],

  connect: async ({ properties }) => openEngine(properties),

  async create(order, cluster, signal) {
    const { connection: docker, properties, tools } = cluster;
    const there = await within(cluster, signal, (limit) => find(docker, order.agentId, limit));
    if (there?.State.Running) return { type: 'created' };
    // Left by an order that did not come to its end, or ended before it registered: the order begins anew.
    if (there !== null)
      await within(cluster, signal, (limit) => removeContainer(docker, order.agentId, limit));
    const pulled = await pullImage(docker, order.profile.image, properties, tools, signal);
    if (!pulled.ok) return { type: 'refused', reason: pulled.reason };
    signal.throwIfAborted();
    // Not ended in the middle: what is half made could come up after it was removed.
    return within(cluster, new AbortController().signal, () =>
      createContainer(docker, containerSpec(order, properties), order.profile.networks),
    );
  },

  async list(cluster, signal) {
    const label = Object.entries(cluster.labels).map(([name, value]) => `${name}=${value}`);
    const found = await within(cluster, signal, (abortSignal) =>
      // All: one that was never started, or has ended, is a leftover too.
      cluster.connection
        .listContainers({ all: true, filters: { label }, abortSignal })
        .catch((error: unknown) => {
          throw engineTrouble('listing containers', error);
        }),
    );
    return found.map(
      ({ Labels, State, Status, Created }): FoundAgent => ({
        agentId: Labels[Label.agent] ?? '',
        state: stateOf(State),
        createdAt: Created * 1000,
        ...(Labels[Label.profile] === undefined ? {} : { profileId: Labels[Label.profile] }),
        detail: `Container ${Status || State}`,
      }),
    );
  },

  async remove(agentId, cluster, signal) {
    const { connection: docker, properties } = cluster;
    const there = await within(cluster, signal, (limit) => find(docker, agentId, limit));
    if (there === null) return;
    // The name might be another's: only what bears this cluster's labels is ours to remove.
    const labels = there.Config.Labels;
    if (Object.entries(cluster.labels).some(([name, value]) => labels[name] !== value)) return;
    if (there.State.Running) await stop(docker, agentId, properties.stop_grace, signal);
    await removeContainer(docker, agentId, signal);
  },

  watch: ({ connection, labels, tools }, changed, signal) =>
    untilContainersChange(connection, labels, changed, tools, signal),
});

function stateOf(state: string): FoundAgent['state'] {
  if (state === 'running' || state === 'paused') return 'running';
  return state === 'created' || state === 'configured' || state === 'initialized' ? 'starting' : 'ended';
}

async function find(
  docker: Docker,
  name: string,
  abortSignal?: AbortSignal,
): Promise<Docker.ContainerInspectInfo | null> {
  try {
    return await docker.getContainer(name).inspect(abortSignal === undefined ? {} : { abortSignal });
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw engineTrouble(`looking for container ${name}`, error);
  }
}

async function createContainer(
  docker: Docker,
  spec: Docker.ContainerCreateOptions,
  networks: readonly string[],
): Promise<CreateOutcome> {
  const name = spec.name ?? '';
  let made: Docker.Container | undefined;
  try {
    made = await docker.createContainer(spec);
    for (const network of networks.slice(1)) await docker.getNetwork(network).connect({ Container: made.id });
    await made.start();
    return { type: 'created' };
  } catch (error) {
    const status = statusOf(error);
    if (status === 409 && (await find(docker, name))?.State.Running) return { type: 'created' };
    // One that is created and cannot be started would stay for ever. By its id: a later try may have the name by now.
    if (made !== undefined) await removeContainer(docker, made.id);
    if (status === 0 || (status === 409 && made === undefined))
      throw engineTrouble(`creating container ${name}`, error);
    return { type: 'refused', reason: `Docker refuses the container: ${wordsOf(error)}` };
  }
}

async function stop(docker: Docker, name: string, graceMs: number, signal: AbortSignal): Promise<void> {
  try {
    await docker.getContainer(name).stop({ t: Math.ceil(graceMs / 1000), abortSignal: signal });
  } catch (error) {
    // 304: it has ended by itself. 404: it is gone. Anything else: it is removed by force.
    if (statusOf(error) === 0) throw engineTrouble(`stopping container ${name}`, error);
  }
}

async function removeContainer(docker: Docker, name: string, abortSignal?: AbortSignal): Promise<void> {
  try {
    await docker
      .getContainer(name)
      .remove({ force: true, v: true, ...(abortSignal === undefined ? {} : { abortSignal }) });
  } catch (error) {
    if (statusOf(error) !== 404) throw engineTrouble(`removing container ${name}`, error);
  }
}

function within<T>(
  { properties, tools }: Connected,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(work, properties.request_timeout, tools.clock, signal);
}
