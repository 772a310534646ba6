import { withDeadline } from '@go-agent/runtime/core';
import type Docker from 'dockerode';
import type { Tools } from '../sdk/provider.ts';
import { engineTrouble, statusOf, wordsOf } from './engine.ts';
import type { DockerCluster } from './schema.ts';

export type PullOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Makes sure that the image is here, as the cluster wants it. */
export async function pullImage(
  docker: Docker,
  image: string,
  cluster: DockerCluster,
  { clock, log }: Tools,
  signal: AbortSignal,
): Promise<PullOutcome> {
  if (cluster.pull !== 'always') {
    const look = () => isHere(docker, image);
    if (await withDeadline(look, cluster.request_timeout, clock, signal)) return { ok: true };
    if (cluster.pull === 'never')
      return { ok: false, reason: `Image ${image} is not on the Docker host, and is not to be pulled` };
  }
  try {
    log('info', `pulling ${image}`);
    await withDeadline((limit) => pull(docker, image, cluster, limit), cluster.pull_timeout, clock, signal);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: `Image ${image} cannot be pulled: ${wordsOf(error)}` };
  }
}

async function isHere(docker: Docker, image: string): Promise<boolean> {
  try {
    await docker.getImage(image).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw engineTrouble(`looking for image ${image}`, error);
  }
}

async function pull(
  docker: Docker,
  image: string,
  cluster: DockerCluster,
  signal: AbortSignal,
): Promise<void> {
  const {
    registry_username: username,
    registry_password: password,
    registry_server: serveraddress,
  } = cluster;
  const authconfig =
    username === undefined || password === undefined
      ? {}
      : { authconfig: { username, password, serveraddress: serveraddress ?? registryOf(image) } };
  const progress = await docker.pull(withTag(image), { ...authconfig, abortSignal: signal });
  // The engine answers 200 at once, and says in its stream of messages how it ends.
  const messages = await new Promise<readonly { readonly error?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(progress, (error, all) => (error ? reject(error) : resolve(all)));
  });
  const failed = messages.find(({ error }) => error !== undefined);
  if (failed?.error !== undefined) throw new Error(failed.error);
}

/** Without a tag, the engine would pull all of them. */
export function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** The first part of a name is a registry if it looks like a host; otherwise it is Docker Hub's. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'https://index.docker.io/v1/';
}
