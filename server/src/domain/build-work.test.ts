import { expect, test } from 'vitest';
import { buildWork } from './build-work.ts';
import type { JobPlan } from './job-plan.ts';
import type { WorkRevision } from './material-environment.ts';
import type { TaskConfig } from './pipeline-config.ts';

const KILL_ALL = { type: 'BuilderForKillAllChildTask', cancelBuilder: { type: 'NullBuilder' } };

const GIT: WorkRevision = {
  material: {
    type: 'git',
    fingerprint: 'f',
    name: 'my-Mat.é 1',
    url: 'https://git.example.com/app.git',
    branch: 'main',
    username: 'bob',
    sealedPassword: 'sealed:pw',
    shallowClone: true,
    autoUpdate: true,
    filter: { mode: 'ignore', patterns: ['docs/**'] },
  },
  modifications: [commit(2, 'new'), commit(1, 'old')],
  changed: true,
};

function commit(id: number, revision: string) {
  return { id, revision, modifiedAt: 1_000, userName: 'Ann', emailAddress: '', comment: 'c', files: ['x'] };
}

function workOf(tasks: readonly TaskConfig[], change: Partial<JobPlan> = {}) {
  return buildWork({
    job: { pipeline: 'up42', counter: 7, label: '1.7', stage: 'st', stageCounter: 2, job: 'j', jobId: 99 },
    plan: {
      group: 'grp',
      approver: 'changes',
      environment: { name: 'prod', variables: [{ name: 'E', value: 'env', secure: false }] },
      variables: [{ name: 'TOKEN', value: 'sealed:t', secure: true }],
      overrides: [
        { name: 'TOKEN', value: 'sealed:other', secure: true },
        { name: 'UNKNOWN', value: 'x', secure: false },
      ],
      revisions: [],
      fetchMaterials: true,
      cleanWorkspace: true,
      timeoutMinutes: 0,
      requirement: { resources: [] },
      tasks,
      artifacts: [
        { type: 'build', source: 'out/*', destination: 'pkg' },
        { type: 'test', source: 'reports', destination: '' },
      ],
      sources: {
        'upstream/build': {
          pipeline: 'upstream',
          counter: 12,
          label: '1.12',
          stage: 'build',
          stageCounter: '1',
        },
      },
      ...change,
    },
    revisions: [GIT],
    agentResources: ['linux', 'docker'],
    open: (sealed) => sealed.replace('sealed:', ''),
  }).assignment;
}

const exec = { type: 'exec', command: '/bin/bash', arguments: [], runIf: [] } as const;

test('the variables come in GoCD’s order, secrets in clear and marked, overrides only of what is there', () => {
  const { properties } = workOf([exec]).initialContext;
  expect(properties.map(({ name, value }) => `${name}=${value}`)).toEqual([
    'GO_PIPELINE_GROUP_NAME=grp',
    'GO_ENVIRONMENT_NAME=prod',
    'E=env',
    'GO_AGENT_RESOURCES=docker,linux',
    'GO_TRIGGER_USER=changes',
    'GO_PIPELINE_NAME=up42',
    'GO_PIPELINE_COUNTER=7',
    'GO_PIPELINE_LABEL=1.7',
    'GO_STAGE_NAME=st',
    'GO_STAGE_COUNTER=2',
    'GO_JOB_NAME=j',
    'GO_REVISION_MY_MAT___1=new',
    'GO_TO_REVISION_MY_MAT___1=new',
    'GO_FROM_REVISION_MY_MAT___1=old',
    'GO_MATERIAL_URL_MY_MAT___1=https://git.example.com/app.git',
    'GO_MATERIAL_BRANCH_MY_MAT___1=main',
    'GO_MATERIAL_MY_MAT___1_HAS_CHANGED=true',
    'TOKEN=t',
    'TOKEN=other',
  ]);
  expect(properties.filter(({ secure }) => secure).map(({ name }) => name)).toEqual(['TOKEN', 'TOKEN']);
});

test('each builder has what a stock agent needs: exit code, conditions, an error string and a chain of on-cancel builders', () => {
  const onCancel = { ...exec, command: 'clean' };
  const { builders } = workOf([
    {
      ...exec,
      arguments: ['-c', 'echo "it\'s" && make'],
      workingDirectory: 'sub',
      runIf: ['failed'],
      onCancel,
    },
    exec,
    { type: 'nant', buildFile: 'b', target: 't', nantPath: 'c:/nant', workingDirectory: 'src', runIf: [] },
  ]);
  expect(builders).toMatchObject([
    {
      type: 'CommandBuilderWithArgList',
      args: ['-c', 'echo "it\'s" && make'],
      workingDir: { path: 'pipelines/up42/sub' },
      conditions: [{ status: 'failed' }],
      description: '/bin/bash -c "echo \\"it\'s\\" && make"',
      cancelBuilder: { type: 'CommandBuilder', command: 'clean', cancelBuilder: KILL_ALL },
    },
    { type: 'CommandBuilder', args: '', conditions: [], cancelBuilder: KILL_ALL },
    {
      command: 'c:/nant/nant',
      args: '-buildfile:"b" t',
      errorString: 'BUILD FAILED',
      description: 'c:/nant/nant -buildfile:"b" t (workingDirectory: src)',
    },
  ]);
  for (const builder of builders)
    expect(builder).toMatchObject({ exitCode: -1, errorString: expect.any(String) });
});

test('secure options of a plugin task go in clear, and say that they are to be masked', () => {
  const options = [
    { name: 'url', value: 'https://x', secure: false },
    { name: 'token', value: 'sealed:t', secure: true },
  ];
  const { builders } = workOf([{ type: 'plugin', pluginId: 'deploy', options, runIf: [] }]);
  expect(builders).toMatchObject([
    { pluginConfig: { url: { value: 'https://x' }, token: { value: 't', secure: true } } },
  ]);
});

test('time-outs go along as extensions that a stock agent ignores, and only if there are any', () => {
  const plain = workOf([exec]);
  expect(plain.jobTimeoutMs).toBeUndefined();
  expect(plain.builders[0]).not.toHaveProperty('timeoutMs');
  const limited = workOf([{ ...exec, timeoutMinutes: 3, onCancel: { ...exec, timeoutMinutes: 1 } }], {
    timeoutMinutes: 10,
  });
  expect(limited.jobTimeoutMs).toBe(600_000);
  expect(limited.builders).toMatchObject([{ timeoutMs: 180_000, cancelBuilder: { timeoutMs: 60_000 } }]);
});

test('a fetch task names the upstream run and where its file, folder and checksums go', () => {
  const fetch = {
    type: 'fetch',
    pipeline: 'upstream',
    stage: 'build',
    job: 'pkg',
    destination: 'lib',
    runIf: [],
  } as const;
  const { builders } = workOf([
    { ...fetch, source: 'dist/app.jar', isFile: true },
    { ...fetch, source: 'dist/reports', isFile: false },
  ]);
  expect(builders).toMatchObject([
    {
      jobIdentifier: {
        pipelineName: 'upstream',
        pipelineCounter: 12,
        buildName: 'pkg',
        buildId: 0,
        stageCounter: '1',
      },
      handler: {
        type: 'FileHandler',
        artifact: { path: 'pipelines/up42/lib/app.jar' },
        srcFile: 'dist/app.jar',
      },
      checksumFileHandler: { checksumFile: { path: 'pipelines/up42/lib/upstream_build_pkg_md5.checksum' } },
      description: 'fetch artifact [dist/app.jar] => [lib] from [upstream/build/pkg]',
    },
    { handler: { type: 'DirHandler', destOnAgent: { path: 'pipelines/up42/lib' } } },
  ]);
});

test('a material goes with its password in clear and its modifications newest first, without their files', () => {
  const { revisions } = workOf([exec]).materialRevisions;
  expect(revisions).toMatchObject([
    {
      changed: true,
      material: {
        type: 'GitMaterial',
        refSpecOrBranch: 'main',
        userName: 'bob',
        password: 'pw',
        materialType: 'GitMaterial',
      },
      modifications: [
        { revision: 'new', modifiedTime: '1970-01-01T00:00:01Z', files: [] },
        { revision: 'old', files: [] },
      ],
    },
  ]);
});

test('artifacts become plans of the kinds that agents know', () => {
  expect(workOf([exec]).artifactPlans).toMatchObject([
    { artifactPlanType: 'file', src: 'out/*', dest: 'pkg', buildId: 99 },
    { artifactPlanType: 'unit', src: 'reports', dest: 'testoutput' },
  ]);
});
