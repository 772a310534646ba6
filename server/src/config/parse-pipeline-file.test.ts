import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeProblem } from './config-problem.ts';
import { type ParsedFile, parsePipelineFile } from './parse-pipeline-file.ts';
import { fileSchema } from './schema/file-schema.ts';

const SECRETS = {
  seal: (plain: string) => `sealed:${plain}`,
  open: (sealed: string) => {
    if (!sealed.startsWith('sealed:')) throw new Error('A secret cannot be opened');
    return sealed.slice('sealed:'.length);
  },
};
const SCHEMA = fileSchema(SECRETS);

function problemsOf(text: string): string[] {
  const outcome = parsePipelineFile('p.yaml', text, SCHEMA);
  return outcome.type === 'bad' ? outcome.problems.map(describeProblem) : [];
}

function parsed(text: string): ParsedFile {
  const outcome = parsePipelineFile('p.yaml', text, SCHEMA);
  if (outcome.type === 'bad') throw new Error(outcome.problems.map(describeProblem).join('\n'));
  return outcome.parsed;
}

const GOOD = `
format_version: 10
common:
  steps: &steps
    - exec: {command: make, arguments: [-j, 1.10], run_if: any, on_cancel: {exec: {command: clean}}}
    - script: |
        echo one
        echo two
pipelines:
  app:
    group: g
    environment_variables: {A: 1.10, EMPTY: }
    secure_variables: {TOKEN: "sealed:t"}
    materials:
      code: {git: "https://bob:pw@git.example.com/app.git", branch: main, shallow_clone: yes, ignore: ["docs/**"]}
    stages:
      - build:
          clean_workspace: true
          approval: {type: manual, allow_only_on_success: on}
          jobs:
            compile: {resources: [linux], timeout: 5, artifacts: [{build: {source: out, destination: x}}], tasks: [*steps]}
      - deploy:
          approval: manual
          run_instances: 2
          tasks:
            - fetch: {stage: build, job: compile, source: out, is_file: true}
            - plugin: {configuration: {id: p, version: 1}, options: {a: b}}
            - ant: {target: all}
environments:
  prod: {pipelines: [app], environment_variables: {E: e}}
`;

test('a file in GoCD’s dialect becomes a model', () => {
  const { pipelines, environments } = parsed(GOOD);
  const [app] = pipelines;
  expect(app).toMatchObject({ name: 'app', group: 'g', labelTemplate: '${COUNT}' });
  expect(app?.variables).toEqual([
    { name: 'A', value: '1.10', secure: false },
    { name: 'EMPTY', value: '', secure: false },
    { name: 'TOKEN', value: 'sealed:t', secure: true },
  ]);
  expect(app?.materials).toMatchObject([
    {
      type: 'git',
      url: 'https://git.example.com/app.git',
      username: 'bob',
      sealedPassword: 'sealed:pw',
      shallowClone: true,
    },
  ]);
  const [build, deploy] = app?.stages ?? [];
  expect(build).toMatchObject({
    name: 'build',
    approval: 'manual',
    allowOnlyOnSuccess: true,
    cleanWorkspace: true,
  });
  expect(build?.jobs[0]?.tasks).toMatchObject([
    {
      type: 'exec',
      command: 'make',
      arguments: ['-j', '1.10'],
      runIf: ['any'],
      onCancel: { type: 'exec', command: 'clean' },
    },
    {
      type: 'plugin',
      pluginId: 'script-executor',
      options: [{ name: 'script', value: 'echo one\necho two\n' }],
    },
  ]);
  expect(deploy?.jobs).toMatchObject([{ name: 'deploy', runInstances: 2 }]);
  expect(deploy?.jobs[0]?.tasks.map(({ type }) => type)).toEqual(['fetch', 'plugin', 'ant']);
  expect(environments).toMatchObject([{ name: 'prod', pipelines: ['app'] }]);
});

const STAGES = 'stages: [{s: {tasks: [{exec: {command: x}}]}}]';
const pipeline = (body: string) => `pipelines:\n  app:\n    group: g\n${body}`;

test.each([
  ['', 'p.yaml:1:1: File is empty'],
  ['pipelines: [', 'p.yaml:1:13: Error parsing YAML'],
  ['a: 1\na: 2', 'p.yaml:2:1: Error parsing YAML: Map keys must be unique'],
  [
    'pipelins: {}',
    'p.yaml:1:1: pipelins: unknown key "pipelins" in a pipeline file. Did you mean "pipelines"?',
  ],
  [
    pipeline(`    materials: {m: {git: u}}\n    stagess: []\n    ${STAGES}`),
    'p.yaml:5:5: pipelines.app.stagess: unknown key "stagess"',
  ],
  [
    pipeline(`    materials: {m: {git: u, brnch: b}}\n    ${STAGES}`),
    'p.yaml:4:29: pipelines.app.materials.m.brnch: unknown key "brnch"',
  ],
  [pipeline(`    materials: {m: {hg: u}}\n    ${STAGES}`), 'materials of type "hg" are not supported'],
  [pipeline(`    ${STAGES}`), 'pipelines.app.materials: is required'],
  [
    pipeline(`    materials: {m: {git: u}, M: {git: v}}\n    ${STAGES}`),
    'material "M" is defined more than once',
  ],
  [
    pipeline(`    materials: {m: {git: u}}\n    stages: [{s: {tasks: [{exce: {}}]}}]`),
    `Invalid or unknown task type 'exce'. Did you mean "exec"?`,
  ],
  [
    pipeline(
      `    materials: {m: {git: u}}\n    stages: [{s: {jobs: {j: {timeout: x, tasks: [{exec: {command: a}}]}}}}]`,
    ),
    'timeout: expected a whole number',
  ],
  [
    pipeline(`    materials: {m: {git: u}}\n    secure_variables: {A: "AES:x:y"}\n    ${STAGES}`),
    'A secret cannot be opened',
  ],
  [
    pipeline(`    materials: {m: {git: u}}\n    label_template: "\${x[:3]}\${COUNT}"\n    ${STAGES}`),
    "refers to a material called 'x'",
  ],
  [
    pipeline(`    materials: {m: {git: u, destination: ../x}}\n    ${STAGES}`),
    'must be a path inside the working folder',
  ],
])('%j is refused: %s', (text, expected) => {
  expect(problemsOf(text).join('\n')).toContain(expected);
});

test('an alias bomb is refused instead of being expanded', () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++) {
    lines.push(`a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  }
  expect(problemsOf(`common:\n  ${lines.join('\n  ')}`).join()).toMatch(/too large|alias/i);
});

test('no text makes the parser do anything but say what is wrong', () => {
  const words = fc.constantFrom(...GOOD.split(/(\s+|[{}[\],:&*])/).filter((word) => word !== ''));
  const mutated = fc
    .tuple(fc.nat(GOOD.length), fc.nat(40), fc.array(words, { maxLength: 4 }))
    .map(([at, cut, inserted]) => GOOD.slice(0, at) + inserted.join('') + GOOD.slice(at + cut));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        mutated,
        fc.array(words, { maxLength: 40 }).map((list) => list.join('')),
      ),
      (text) => {
        for (const problem of problemsOf(text)) expect(problem).toMatch(/^p\.yaml:[1-9]\d*:[1-9]\d*: ./);
      },
    ),
    { numRuns: 400 },
  );
});

test('no value where another is expected makes the parser throw', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('x', '~', '1', 'true'),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'pipelines',
          'app',
          'group',
          'materials',
          'git',
          'stages',
          'jobs',
          'tasks',
          'exec',
          'command',
          'approval',
          '__proto__',
          'environments',
        ),
        tie('node'),
        { maxKeys: 4 },
      ),
    ),
  })).node;
  fc.assert(
    fc.property(value, (node) => {
      problemsOf(JSON.stringify({ pipelines: { app: node } }));
      problemsOf(JSON.stringify(node));
    }),
    { numRuns: 400 },
  );
});
