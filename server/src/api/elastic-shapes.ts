// Profiles in GoCD's shapes (reference: server-agents-jobs-elastic 3.1, A.1), with what this server adds: `policy`, `claims`, `origin`.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ProfileEntry, ProfileProblem } from '../core-elastic.ts';
import {
  type ClusterProfile,
  DEFAULT_POLICY,
  type ElasticAgentPolicy,
  type ElasticAgentProfile,
  type ElasticProperty,
} from '../domain/elastic-profile.ts';
import { docUrl, pathTo } from './web-links.ts';

const seconds = (least: number) => z.number().int().min(least).max(10_000_000).nullish();

const properties = z
  .array(
    z.object({
      key: z.string().min(1),
      value: z.string().nullish(),
      encrypted_value: z.string().nullish(),
    }),
  )
  .nullish()
  .transform((all) =>
    (all ?? []).map(({ key, value, encrypted_value }) => ({
      key,
      value: value ?? undefined,
      encryptedValue: encrypted_value ?? undefined,
    })),
  );

export const clusterBody = z.object({
  id: z.string(),
  plugin_id: z.string(),
  properties,
  priority: z.number().int().min(0).nullish(),
});

export const profileBody = z.object({
  id: z.string(),
  cluster_profile_id: z.string(),
  properties,
  claims: z.array(z.string()).nullish(),
  policy: z
    .object({
      jobs_per_agent: seconds(1),
      idle_timeout: seconds(0),
      min_idle: seconds(0),
      max_agents: seconds(1),
      queue_timeout: seconds(1),
      start_timeout: seconds(1),
    })
    .nullish(),
});

export function policyOf(raw: z.output<typeof profileBody>['policy']): ElasticAgentPolicy {
  const ms = (value: number | null | undefined) =>
    value === null || value === undefined ? undefined : value * 1000;
  const maxAgents = raw?.max_agents ?? undefined;
  const queueTimeoutMs = ms(raw?.queue_timeout);
  return {
    jobsPerAgent: raw?.jobs_per_agent ?? DEFAULT_POLICY.jobsPerAgent,
    idleTimeoutMs: ms(raw?.idle_timeout) ?? DEFAULT_POLICY.idleTimeoutMs,
    minIdle: raw?.min_idle ?? DEFAULT_POLICY.minIdle,
    startTimeoutMs: ms(raw?.start_timeout) ?? DEFAULT_POLICY.startTimeoutMs,
    ...(maxAgents === undefined ? {} : { maxAgents }),
    ...(queueTimeoutMs === undefined ? {} : { queueTimeoutMs }),
  };
}

export function clusterShape(base: string, { value, origin }: ProfileEntry<ClusterProfile>) {
  return {
    _links: links(base, 'api/admin/elastic/cluster_profiles', value.id, 'cluster-profiles'),
    id: value.id,
    plugin_id: value.pluginId,
    properties: value.properties.map(propertyShape),
    priority: value.priority,
    origin: { type: origin },
  };
}

export function profileShape(base: string, { value, origin }: ProfileEntry<ElasticAgentProfile>) {
  const { policy } = value;
  const orNull = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  return {
    _links: links(base, 'api/elastic/profiles', value.id, 'elastic-agent-profiles'),
    id: value.id,
    cluster_profile_id: value.clusterProfileId,
    properties: value.properties.map(propertyShape),
    policy: {
      jobs_per_agent: policy.jobsPerAgent,
      idle_timeout: policy.idleTimeoutMs / 1000,
      min_idle: policy.minIdle,
      max_agents: policy.maxAgents ?? null,
      queue_timeout: orNull(policy.queueTimeoutMs),
      start_timeout: policy.startTimeoutMs / 1000,
    },
    claims: value.claims,
    origin: { type: origin },
  };
}

/** What GoCD answers with 422: the message, and the entity with the errors at their places. */
export function problemsShape(what: string, entity: object, problems: readonly ProfileProblem[]) {
  const errors = Object.groupBy(problems, ({ key }) => key ?? 'base');
  return {
    message: `Validations failed for ${what}. Error(s): [${problems.map(({ message }) => message).join(', ')}]. Please correct and resubmit.`,
    data: {
      ...entity,
      errors: Object.fromEntries(
        Object.entries(errors).map(([key, found]) => [key, (found ?? []).map(({ message }) => message)]),
      ),
    },
  };
}

export function etagOf(shape: object): string {
  return `"${createHash('sha256').update(JSON.stringify(shape)).digest('hex')}"`;
}

function propertyShape({ key, value, secure }: ElasticProperty) {
  return secure ? { key, encrypted_value: value } : { key, value };
}

function links(base: string, path: string, id: string, doc: string) {
  return {
    self: { href: `${base}/${path}/${pathTo(id)}` },
    doc: docUrl(doc),
    find: { href: `${base}/${path}/:id` },
  };
}
