import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { FilesInForce } from './files-in-force.ts';
import { PipelineLibrary } from './pipeline-library.ts';

const SECRETS = { seal: (plain: string) => plain, open: (sealed: string) => sealed };

function pipeline(name: string, more = ''): string {
  return `pipelines:\n  ${name}:\n    group: g\n    materials: {code: {git: u}${more}}\n    stages: [{build: {tasks: [{exec: {command: make}}]}}]\n`;
}

async function library(files: Readonly<Record<string, string>>) {
  const folder = await tempDir();
  const write = (name: string, text: string) => writeFile(join(folder.path, name), text);
  for (const [name, text] of Object.entries(files)) await write(name, text);
  let kept: FilesInForce = new Map();
  const memory = {
    load: async () => kept,
    save: async (files: FilesInForce) => {
      kept = files;
    },
  };
  const made = new PipelineLibrary(folder.path, SECRETS, memory);
  const names = () => made.model.pipelines.map(({ name }) => name).sort();
  return { folder, write, made, names, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('a file that becomes bad keeps its last good version, the others follow their files, and a mended file is told', async () => {
  await using all = await library({ 'a.gocd.yaml': pipeline('a'), 'b.yml': pipeline('b') });
  expect(await all.made.reload()).toMatchObject({ broken: [] });
  expect(await all.made.reload()).toBeUndefined();

  await all.write('a.gocd.yaml', 'pipelines: {a: {grup: g}}');
  await all.write('b.yml', pipeline('b2'));
  const change = await all.made.reload();
  expect(change?.broken).toMatchObject([{ file: 'a.gocd.yaml', keepsLastGood: true }]);
  expect(change?.broken[0]?.problems.join()).toContain('Did you mean "group"?');
  expect(all.names()).toEqual(['a', 'b2']);

  await all.write('a.gocd.yaml', pipeline('a2'));
  expect(await all.made.reload()).toMatchObject({ mended: ['a.gocd.yaml'], broken: [] });
  expect(all.names()).toEqual(['a2', 'b2']);
});

test('a bad file at the first start takes nothing else with it', async () => {
  await using all = await library({ 'a.yaml': 'no: [', 'b.yaml': pipeline('b') });
  expect((await all.made.reload())?.broken).toMatchObject([{ file: 'a.yaml', keepsLastGood: false }]);
  expect(all.names()).toEqual(['b']);
});

test('a name that is taken by another file, and an upstream that does not exist, are found with a hint', async () => {
  const upstream = ', up: {pipeline: frist, stage: build}';
  await using all = await library({
    '1.yaml': pipeline('first'),
    '2.yaml': pipeline('FIRST'),
    '3.yaml': pipeline('c', upstream),
  });
  const problems = (await all.made.reload())?.broken.flatMap((file) => file.problems) ?? [];
  expect(problems.join('\n')).toContain("multiple pipelines named 'FIRST'");
  expect(problems.join('\n')).toMatch(
    /3\.yaml:4:\d+: .*Pipeline with name 'frist' does not exist.*Did you mean "first"/,
  );
  expect(all.names()).toEqual(['first']);
});

test('a file that takes the name of a pipeline in force is refused, though its own name comes first', async () => {
  await using all = await library({ 'b.yaml': pipeline('app') });
  await all.made.reload();
  await all.write('a.yaml', pipeline('app'));
  expect((await all.made.reload())?.broken).toMatchObject([{ file: 'a.yaml', keepsLastGood: false }]);
  expect(all.names()).toEqual(['app']);
});

test('the file that owns a pipeline is changed, though another one has its name too', async () => {
  await using all = await library({ 'b.yaml': pipeline('app') });
  await all.made.reload();
  await all.write('a.yaml', pipeline('app'));
  await all.made.reload();
  await all.write('b.yaml', pipeline('app').replace('group: g', 'group: other'));
  expect((await all.made.reload())?.broken).toMatchObject([{ file: 'a.yaml', keepsLastGood: false }]);
  expect(all.made.model.pipeline('app')).toMatchObject({ group: 'other' });
});

test('a repository that two pipelines poll differently is refused with both; the file that was changed keeps its last good version', async () => {
  const polled = (name: string, auto: boolean) =>
    pipeline(name).replace('{git: u}', `{git: "https://host/u", auto_update: ${auto}}`);
  await using all = await library({ 'a.yaml': polled('a', true), 'b.yaml': polled('b', true) });
  await all.made.reload();
  const polls = () =>
    all.made.model.materials().map((material) => material.type === 'git' && material.autoUpdate);

  await all.write('a.yaml', polled('a', false));
  const broken = (await all.made.reload())?.broken;
  expect(broken).toMatchObject([{ file: 'a.yaml', keepsLastGood: true }]);
  expect(broken?.[0]?.problems.join()).toMatch(
    /^a\.yaml:4:\d+: .*Pipeline 'a' \(a\.yaml\) has auto_update: false for https:\/\/host\/u, branch master, but pipeline 'b' \(b\.yaml\) has auto_update: true/,
  );
  expect(all.names()).toEqual(['a', 'b']);
  expect(polls()).toEqual([true]);

  await all.write('b.yaml', polled('b', false));
  expect(await all.made.reload()).toMatchObject({ mended: ['a.yaml'], broken: [] });
  expect(polls()).toEqual([false]);
});

test('a circle of dependencies is refused', async () => {
  await using all = await library({
    '1.yaml': pipeline('a', ', up: {pipeline: b, stage: build}'),
    '2.yaml': pipeline('b', ', up: {pipeline: a, stage: build}'),
  });
  const problems = (await all.made.reload())?.broken.flatMap((file) => file.problems) ?? [];
  expect(problems.join('\n')).toContain('Circular dependency: a <- b <- a');
});

test('the pipelines of a file that is removed are gone', async () => {
  await using all = await library({ 'a.yaml': pipeline('a'), 'b.yaml': pipeline('b') });
  await all.made.reload();
  await rm(join(all.folder.path, 'a.yaml'));
  await all.made.reload();
  expect(all.names()).toEqual(['b']);
});
