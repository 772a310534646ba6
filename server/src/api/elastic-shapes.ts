// Profiles in GoCD's shapes (reference: server-agents-jobs-elastic 3.1, A.1), with what this server adds: `policy`, `claims`, `origin`.

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ProfileEntry, ProfileProblem, RefusedProperty } from '../core-elastic.ts';
import {
  type ClusterProfile,
  DEFAULT_POLICY,
  type ElasticAgentPolicy,
  type ElasticAgentProfile,
  type ElasticProperty,
} from '../domain/elastic-profile.ts';
import { docUrl, pathTo } from './web-links.ts';

const wholeNumber = (least: number) => z.number().int().min(least).max(10_000_000).nullish();

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
      jobs_per_agent: wholeNumber(1),
      idle_timeout: wholeNumber(0),
      min_idle: wholeNumber(0),
      max_agents: wholeNumber(1),
      queue_timeout: wholeNumber(1),
      max_attempts: wholeNumber(1),
      start_timeout: wholeNumber(1),
    })
    .nullish(),
});

/** What is not given has its default. */
export function policyOf(raw: z.output<typeof profileBody>['policy']): ElasticAgentPolicy {
  const ms = (seconds: number | null | undefined) =>
    typeof seconds === 'number' ? seconds * 1000 : undefined;
  const given = {
    jobsPerAgent: raw?.jobs_per_agent,
    idleTimeoutMs: ms(raw?.idle_timeout),
    minIdle: raw?.min_idle,
    maxAgents: raw?.max_agents,
    queueTimeoutMs: ms(raw?.queue_timeout),
    maxAttempts: raw?.max_attempts,
    startTimeoutMs: ms(raw?.start_timeout),
  };
  const set = Object.entries(given).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { ...DEFAULT_POLICY, ...Object.fromEntries(set) };
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
      max_attempts: policy.maxAttempts ?? null,
      start_timeout: policy.startTimeoutMs / 1000,
    },
    claims: value.claims,
    origin: { type: origin },
  };
}

/** What GoCD answers with 422: the message, and the entity with the errors at their places, those of a property at the property. */
export function problemsShape(
  what: string,
  entity: object,
  problems: readonly ProfileProblem[],
  properties: readonly RefusedProperty[],
) {
  const messages = [problems.map(({ message }) => message), ...properties.map((each) => each.problems)];
  const errors = Object.groupBy(problems, ({ key }) => key ?? 'base');
  return {
    message: `Validations failed for ${what}. Error(s): [${messages.flat().join(', ')}]. Please correct and resubmit.`,
    data: {
      ...entity,
      properties: properties.map(refusedShape),
      ...(problems.length === 0
        ? {}
        : {
            errors: Object.fromEntries(
              Object.entries(errors).map(([key, found]) => [
                key,
                (found ?? []).map(({ message }) => message),
              ]),
            ),
          }),
    },
  };
}

function refusedShape({ key, value, encryptedValue, problems }: RefusedProperty) {
  return {
    key,
    ...(value === undefined ? {} : { value }),
    ...(encryptedValue === undefined ? {} : { encrypted_value: encryptedValue }),
    ...(problems.length === 0 ? {} : { errors: { [key]: problems } }),
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
