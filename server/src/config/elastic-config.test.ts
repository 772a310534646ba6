import { expect, test } from 'vitest';
import { checkElastic } from './check-elastic.ts';
import { describeProblem } from './config-problem.ts';
import { mergeFiles } from './merge-files.ts';
import { type ParsedFile, parsePipelineFile } from './parse-pipeline-file.ts';
import { fileSchema } from './schema/file-schema.ts';

const SECRETS = { seal: (plain: string) => `sealed:${plain}`, open: (sealed: string) => sealed };
const SCHEMA = fileSchema(SECRETS);

function parsed(file: string, text: string): ParsedFile {
  const outcome = parsePipelineFile(file, text, SCHEMA);
  if (outcome.type === 'bad') throw new Error(outcome.problems.map(describeProblem).join('\n'));
  return outcome.parsed;
}

function problemsOf(text: string): string {
  const outcome = parsePipelineFile('p.yaml', text, SCHEMA);
  return outcome.type === 'bad' ? outcome.problems.map(describeProblem).join('\n') : '';
}

/** What is wrong with files, each good by itself, when they are put together. */
function mergeProblems(...texts: readonly string[]): string {
  const files = texts.map((text, index) => parsed(`${index + 1}.yaml`, text));
  return mergeFiles(files).problems.map(describeProblem).join('\n');
}

const CLUSTER = 'cluster_profiles: {local: {plugin_id: go-agent.process}}\n';

const pipeline = (body: string) =>
  `pipelines:\n  app:\n    group: g\n    materials: {m: {git: u}}\n    stages:\n      - build: ${body}\n`;

test('every key of clusters and profiles is read, times in seconds', () => {
  const { clusterProfiles, elasticProfiles } = parsed(
    'p.yaml',
    `
cluster_profiles:
  local:
    plugin_id: go-agent.process
    properties: {stop_with_server: "true"}
    secure_properties: {token: "sealed:v1:x"}
    priority: 3
elastic_profiles:
  small:
    cluster_profile_id: local
    properties: {Image: a}
    secure_properties: {password: "sealed:v1:y"}
    jobs_per_agent: 2
    idle_timeout: 30
    min_idle: 1
    max_agents: 4
    queue_timeout: 600
    max_attempts: 3
    start_timeout: 120
    claims: [gpu, fpga]
`,
  );
  expect(clusterProfiles).toEqual([
    {
      id: 'local',
      pluginId: 'go-agent.process',
      properties: [
        { key: 'stop_with_server', value: 'true', secure: false },
        { key: 'token', value: 'sealed:v1:x', secure: true },
      ],
      priority: 3,
    },
  ]);
  expect(elasticProfiles).toMatchObject([
    {
      id: 'small',
      clusterProfileId: 'local',
      policy: {
        jobsPerAgent: 2,
        idleTimeoutMs: 30_000,
        minIdle: 1,
        maxAgents: 4,
        queueTimeoutMs: 600_000,
        maxAttempts: 3,
        startTimeoutMs: 120_000,
      },
      claims: ['gpu', 'fpga'],
    },
  ]);
});

test('what a profile does not say has a default: one job an agent, none kept warm, no limits', () => {
  const { elasticProfiles } = parsed('p.yaml', 'elastic_profiles: {small: {cluster_profile_id: local}}');
  expect(elasticProfiles[0]).toEqual({
    id: 'small',
    clusterProfileId: 'local',
    properties: [],
    policy: { jobsPerAgent: 1, idleTimeoutMs: 60_000, minIdle: 0, startTimeoutMs: 600_000 },
    claims: [],
  });
});

const profile = (body: string) => `elastic_profiles:\n  small:\n    cluster_profile_id: local\n    ${body}`;

test.each([
  [
    'cluster_profiles: {local: {plugin: x}}',
    'p.yaml:1:28: cluster_profiles.local.plugin: unknown key "plugin" in a cluster profile. Allowed keys: plugin_id, properties,',
  ],
  ['cluster_profiles: {local: {}}', 'cluster_profiles.local.plugin_id: is required'],
  [
    'cluster_profiles: [local]',
    'p.yaml:1:1: cluster_profiles: expected a hash of cluster profiles, got a list',
  ],
  ['cluster_profiles: {.x: {plugin_id: p}}', "Invalid cluster profile id '.x'"],
  [
    'cluster_profiles: {local: {plugin_id: p, priority: high}}',
    'cluster_profiles.local.priority: expected a whole number, at least 0, got "high"',
  ],
  [
    'cluster_profiles: {local: {plugin_id: p, properties: {a: b}, secure_properties: {a: c}}}',
    'Property a is defined more than once',
  ],
  ['elastic_profiles: {small: {}}', 'elastic_profiles.small.cluster_profile_id: is required'],
  [
    profile('max_agent: 3'),
    'p.yaml:4:5: elastic_profiles.small.max_agent: unknown key "max_agent" in an elastic agent profile. Did you mean "max_agents"?',
  ],
  [profile('jobs_per_agent: 0'), 'small.jobs_per_agent: expected a whole number, at least 1, got "0"'],
  [profile('idle_timeout: -1'), 'small.idle_timeout: expected a whole number, at least 0, got "-1"'],
  [profile('idle_timeout: 1m'), 'small.idle_timeout: expected a whole number, at least 0, got "1m"'],
  [profile('min_idle: [1]'), 'small.min_idle: expected a whole number, at least 0, got a list'],
  [profile('max_agents: 0'), 'small.max_agents: expected a whole number, at least 1, got "0"'],
  [profile('queue_timeout: 0'), 'small.queue_timeout: expected a whole number, at least 1, got "0"'],
  [profile('max_attempts: 0'), 'small.max_attempts: expected a whole number, at least 1, got "0"'],
  [profile('start_timeout: soon'), 'small.start_timeout: expected a whole number, at least 1, got "soon"'],
  [profile('min_idle: 3\n    max_agents: 2'), 'min_idle (3) is more than max_agents (2).'],
  [
    profile('claims: gpu'),
    'p.yaml:4:5: elastic_profiles.small.claims: expected a list of resources, got "gpu"',
  ],
  [profile('claims: [""]'), 'elastic_profiles.small.claims.0: must not be blank'],
  [profile('properties: [a]'), 'elastic_profiles.small.properties: expected a hash of'],
  [
    pipeline('{jobs: {j: {elastic_profile_id: small, resources: [linux], tasks: [{exec: {command: a}}]}}}'),
    'jobs.j.elastic_profile_id: Job cannot have both `resource` and `elasticProfileId`',
  ],
  [
    pipeline('{elastic_profile: small, tasks: [{exec: {command: a}}]}'),
    'stages.0.build.elastic_profile: unknown key "elastic_profile" in a stage. Did you mean "elastic_profile_id"?',
  ],
  [
    pipeline('{jobs: {j: {elastic_profile_id: [small], tasks: [{exec: {command: a}}]}}}'),
    'jobs.j.elastic_profile_id: expected a text, got a list',
  ],
  [
    pipeline('{run_instances: all, elastic_profile_id: small, tasks: [{exec: {command: a}}]}'),
    'run_instances: run_instances: all is not supported by this server yet; give a number',
  ],
])('%j is refused: %s', (text, expected) => {
  expect(problemsOf(text)).toContain(expected);
});

test('a profile is written once and used by many jobs: on a stage with one job, and by an anchor', () => {
  const { pipelines } = parsed(
    'p.yaml',
    `
common:
  on_small: &on_small {elastic_profile_id: small, timeout: 5}
pipelines:
  app:
    group: g
    materials: {m: {git: u}}
    stages:
      - one: {elastic_profile_id: large, tasks: [{exec: {command: a}}]}
      - many:
          jobs:
            a: {<<: *on_small, tasks: [{exec: {command: a}}]}
            b: {<<: *on_small, elastic_profile_id: large, tasks: [{exec: {command: b}}]}
`,
  );
  const jobs = pipelines[0]?.stages.flatMap((stage) => stage.jobs);
  expect(jobs?.map(({ name, elasticProfileId }) => [name, elasticProfileId])).toEqual([
    ['one', 'large'],
    ['a', 'small'],
    ['b', 'large'],
  ]);
});

test('a profile of a cluster that is not defined is refused, with a hint or with what to do', () => {
  const small = (cluster: string) => `elastic_profiles:\n  small:\n    cluster_profile_id: ${cluster}\n`;
  expect(mergeProblems(CLUSTER, small('lcoal'))).toBe(
    `2.yaml:3:5: elastic_profiles.small.cluster_profile_id: No Cluster Profile exists with the specified cluster_profile_id 'lcoal'. Did you mean "local"?`,
  );
  expect(mergeProblems(CLUSTER, small('kubernetes'))).toContain(
    "'kubernetes'. Define it under cluster_profiles: in any file, or through the API.",
  );
});

test('a job for a profile that is not defined is refused where it stands, with a hint or with what to do', () => {
  const profiles = `${CLUSTER}elastic_profiles: {small: {cluster_profile_id: local}}\n`;
  const task = 'tasks: [{exec: {command: a}}]';
  expect(
    mergeProblems(
      profiles,
      pipeline(
        `\n          jobs:\n            j:\n              elastic_profile_id: smal\n              ${task}`,
      ),
    ),
  ).toBe(
    `2.yaml:9:15: pipelines.app.stages.0.build.jobs.j.elastic_profile_id: No profile defined corresponding to profile_id 'smal'. Did you mean "small"?`,
  );
  expect(
    mergeProblems(profiles, pipeline(`\n          elastic_profile_id: windows\n          ${task}`)),
  ).toBe(
    `2.yaml:7:11: pipelines.app.stages.0.build.elastic_profile_id: No profile defined corresponding to profile_id 'windows'. Define it under elastic_profiles: in any file, or through the API.`,
  );
});

test('an id that another file has is refused, and the other file is named', () => {
  expect(mergeProblems(CLUSTER, CLUSTER)).toBe(
    `2.yaml:1:20: cluster_profiles.local: There is another cluster profile 'local', from 1.yaml: ids are unique. Give one of them another id.`,
  );
  const small = 'elastic_profiles:\n  small: {cluster_profile_id: local}\n';
  expect(mergeProblems(CLUSTER + small, small)).toBe(
    `2.yaml:2:3: elastic_profiles.small: There is another elastic agent profile 'small', from 1.yaml: ids are unique. Give one of them another id.`,
  );
});

test('an id that a profile of the API has is refused, too, and jobs may use what the API made', () => {
  const cluster = { id: 'local', pluginId: 'p', properties: [], priority: 0 };
  const stored = { clusters: [cluster], profiles: [] };
  const file = parsed('1.yaml', CLUSTER);
  expect(
    checkElastic([file], mergeFiles([file], stored).model, stored)
      .map(describeProblem)
      .join(),
  ).toContain("There is another cluster profile 'local', from the API");
  const own = parsed('2.yaml', 'elastic_profiles: {small: {cluster_profile_id: local}}');
  expect(mergeFiles([own], stored).problems).toEqual([]);
});
