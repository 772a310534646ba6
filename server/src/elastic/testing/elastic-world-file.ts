import type { ProfileLimits } from './elastic-invariants.ts';

export const PIPELINES = ['p1', 'p2', 'p3'] as const;
export const LIMITS = {
  small: {
    jobsPerAgent: 2,
    maxAgents: 3,
    maxAttempts: 2,
    idleTimeoutMs: 30_000,
    minIdle: 0,
    startTimeoutMs: 120_000,
  },
  large: {
    jobsPerAgent: 1,
    maxAgents: 4,
    maxAttempts: 1,
    idleTimeoutMs: 20_000,
    minIdle: 0,
    startTimeoutMs: 120_000,
    queueTimeoutMs: 240_000,
  },
} satisfies Readonly<Record<string, ProfileLimits>>;

const policyOf = (limits: ProfileLimits) =>
  JSON.stringify({
    cluster_profile_id: 'cloud',
    jobs_per_agent: limits.jobsPerAgent,
    max_agents: limits.maxAgents,
    max_attempts: limits.maxAttempts,
    idle_timeout: limits.idleTimeoutMs / 1000,
    min_idle: limits.minIdle,
    start_timeout: limits.startTimeoutMs / 1000,
    ...(limits.queueTimeoutMs === undefined ? {} : { queue_timeout: limits.queueTimeoutMs / 1000 }),
  });

/** @param properties of the cluster
 * @param minIdle of the profile `small` */
export const elasticWorldFile = (properties: Readonly<Record<string, string>>, minIdle: number) => `
format_version: 11
cluster_profiles:
  cloud: {plugin_id: scripted, properties: ${JSON.stringify(properties)}}
elastic_profiles:
  small: ${policyOf({ ...LIMITS.small, minIdle })}
  large: ${policyOf(LIMITS.large)}
pipelines:
${PIPELINES.map(
  (name, index) => `
  ${name}:
    group: g
    materials: {code: {git: REPOSITORY, branch: main, auto_update: false}}
    stages:
      - build:
          approval: manual
          jobs: {compile: {elastic_profile_id: ${index === 2 ? 'large' : 'small'}, run_instances: 2, tasks: [{exec: {command: make}}]}}
`,
).join('')}`;
