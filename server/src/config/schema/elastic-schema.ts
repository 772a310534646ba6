// Cluster profiles and elastic agent profiles in files (docs/elastic.md). GoCD has them in its XML and its API only.

import {
  type ClusterProfile,
  DEFAULT_POLICY,
  type ElasticAgentProfile,
  type ElasticProperty,
  policyProblem,
  profileIdProblem,
} from '../../domain/elastic-profile.ts';
import { listOf, namedMap, strictMap } from './collections.ts';
import { andThen, type Context, report, type Schema } from './parse-into.ts';
import { nonBlank, optional, wholeNumber } from './scalars.ts';
import { plainVariables, type Secrets, secureVariables } from './variables.ts';

const SECOND = 1000;

export function clusterProfilesSchema(secrets: Secrets): Schema<ClusterProfile[]> {
  const keys = strictMap('a cluster profile', {
    plugin_id: nonBlank,
    properties: plainVariables,
    secure_properties: secureVariables(secrets),
    priority: optional(wholeNumber({ min: 0 }), 0),
  });
  return namedMap(
    'cluster profile',
    (id) =>
      andThen(keys, (raw, context) => ({
        id,
        pluginId: raw.plugin_id,
        properties: propertiesOf(raw, context),
        priority: raw.priority,
      })),
    { problemOf: (id) => profileIdProblem('cluster profile', id), caseSensitive: true },
  );
}

export function elasticProfilesSchema(secrets: Secrets): Schema<ElasticAgentProfile[]> {
  const count = (min: number) => optional(wholeNumber({ min }));
  const keys = strictMap('an elastic agent profile', {
    cluster_profile_id: nonBlank,
    properties: plainVariables,
    secure_properties: secureVariables(secrets),
    jobs_per_agent: count(1),
    idle_timeout: count(0),
    min_idle: count(0),
    max_agents: count(1),
    queue_timeout: count(1),
    max_attempts: count(1),
    start_timeout: count(1),
    claims: optional(listOf('resource', nonBlank), []),
  });
  return namedMap(
    'elastic agent profile',
    (id) =>
      andThen(keys, (raw, context) => {
        const { max_agents, queue_timeout, max_attempts } = raw;
        const policy = {
          jobsPerAgent: raw.jobs_per_agent ?? DEFAULT_POLICY.jobsPerAgent,
          idleTimeoutMs: milliseconds(raw.idle_timeout) ?? DEFAULT_POLICY.idleTimeoutMs,
          minIdle: raw.min_idle ?? DEFAULT_POLICY.minIdle,
          startTimeoutMs: milliseconds(raw.start_timeout) ?? DEFAULT_POLICY.startTimeoutMs,
          ...(max_agents === undefined ? {} : { maxAgents: max_agents }),
          ...(queue_timeout === undefined ? {} : { queueTimeoutMs: queue_timeout * SECOND }),
          ...(max_attempts === undefined ? {} : { maxAttempts: max_attempts }),
        };
        const problem = policyProblem(policy);
        if (problem !== undefined) report(context, [], problem);
        const clusterProfileId = raw.cluster_profile_id;
        return { id, clusterProfileId, properties: propertiesOf(raw, context), policy, claims: raw.claims };
      }),
    { problemOf: (id) => profileIdProblem('elastic agent profile', id), caseSensitive: true },
  );
}

function propertiesOf(
  raw: { readonly properties: readonly Variable[]; readonly secure_properties: readonly Variable[] },
  context: Context,
): ElasticProperty[] {
  const names = new Set(raw.properties.map(({ name }) => name));
  for (const { name } of raw.secure_properties)
    if (names.has(name))
      report(context, ['secure_properties', name], `Property ${name} is defined more than once`);
  return [...raw.properties, ...raw.secure_properties].map(({ name, value, secure }) => ({
    key: name,
    value,
    secure,
  }));
}

interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secure: boolean;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * SECOND;
}
