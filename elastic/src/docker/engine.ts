// The Docker Engine API, with its failures told apart.
import { AppError, describeError } from '@go-agent/runtime/core';
import Docker from 'dockerode';
import type { DockerCluster } from './schema.ts';

/** @throws AppError `elastic-profile` if the address makes no sense */
export function openEngine(cluster: DockerCluster): Docker {
  const { docker_uri: uri, docker_ca_cert: ca, docker_client_cert: cert, docker_client_key: key } = cluster;
  if (uri.startsWith('unix://') || uri.startsWith('/')) {
    return new Docker({ socketPath: uri.replace(/^unix:\/\//, '') });
  }
  const url = URL.canParse(uri) ? new URL(uri) : null;
  const protocol = { 'tcp:': ca || cert ? 'https' : 'http', 'http:': 'http', 'https:': 'https' }[
    url?.protocol ?? ''
  ];
  if (url === null || protocol === undefined) {
    throw new AppError(
      'elastic-profile',
      `docker_uri is "${uri}". Give unix:///path/of/the/socket, tcp://host:2375 or https://host:2376`,
    );
  }
  return new Docker({
    host: url.hostname,
    port: url.port || (protocol === 'https' ? 2376 : 2375),
    protocol: protocol as 'http' | 'https',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

/** The HTTP status with which the engine refused; 0 if there was no answer. */
export function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 0;
}

/** The engine's own words, without the framing of the library. */
export function wordsOf(error: unknown): string {
  const json =
    error instanceof Error && 'json' in error ? (error.json as { message?: unknown } | null) : null;
  return typeof json?.message === 'string' ? json.message : describeError(error);
}

/** No answer, or one that says no more than that the engine is in trouble: it may be different in a minute. */
export function engineTrouble(what: string, error: unknown): AppError {
  const status = statusOf(error);
  return new AppError(
    'elastic-docker',
    `Docker: ${what}${status === 0 ? '' : ` (${status})`}: ${wordsOf(error)}`,
    {
      retryable: status === 0 || status >= 500 || status === 409,
    },
  );
}
