import { existsSync } from 'node:fs';
import { AppError, describeError } from '@go-agent/runtime/core';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { PodCache } from './pod-cache.ts';
import type { KubernetesCluster } from './schema.ts';

/** One client for one cluster. */
export interface Connection {
  readonly config: KubeConfig;
  readonly api: CoreV1Api;
  readonly cache: PodCache;
}

const IN_CLUSTER = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** @throws AppError `elastic-profile` if there is no way to an API server */
export function openConnection(cluster: KubernetesCluster): Connection {
  const config = new KubeConfig();
  try {
    load(config, cluster);
    if (cluster.context !== undefined) config.setCurrentContext(cluster.context);
  } catch (cause) {
    throw new AppError('elastic-profile', `The kubeconfig cannot be used: ${describeError(cause)}`, {
      cause,
    });
  }
  if (config.getCurrentCluster() === null) {
    throw new AppError(
      'elastic-profile',
      'No Kubernetes cluster is named: give kubernetes_cluster_url, or a kubeconfig with a current context',
    );
  }
  return { config, api: config.makeApiClient(CoreV1Api), cache: new PodCache() };
}

function load(config: KubeConfig, cluster: KubernetesCluster): void {
  const { kubernetes_cluster_url: server, security_token: token, kubernetes_cluster_ca_cert: ca } = cluster;
  if (server !== undefined) {
    const caData = ca === undefined ? {} : { caData: Buffer.from(ca).toString('base64') };
    // The library takes no http: without it; there is nothing to be verified there.
    const skipTLSVerify = server.startsWith('http:');
    config.loadFromClusterAndUser(
      { name: 'cluster', server: server.replace(/\/$/, ''), skipTLSVerify, ...caData },
      { name: 'user', ...(token === undefined ? {} : { token }) },
    );
  } else if (cluster.kubeconfig_content !== undefined) config.loadFromString(cluster.kubeconfig_content);
  else if (cluster.kubeconfig !== undefined) config.loadFromFile(cluster.kubeconfig);
  else if (existsSync(IN_CLUSTER)) config.loadFromCluster();
  else config.loadFromDefault();
}
