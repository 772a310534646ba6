import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Material } from '@go-agent/protocol';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { gitRevision, testRepository } from '../testing/test-repository.ts';
import { checkOut, checkOutInTurn, revisionOf } from './testing/check-out.ts';

const upstream: Material = {
  type: 'DependencyMaterial',
  materialType: 'DependencyMaterial',
  pipelineName: { name: 'up' },
  stageName: { name: 'build' },
};
const plugin = { id: 'github.pr' };
const scm = { id: 'scm-id', name: 'prs', plugin, config: [] };
const packageMaterial: Material = {
  type: 'PackageMaterial',
  materialType: 'PackageMaterial',
  package: { config: [], repository: { plugin: { id: 'yum' }, config: [] } },
};
const tfs: Material = {
  type: 'TfsMaterial',
  materialType: 'TfsMaterial',
  url: { url: 'http://u:s3cret@tfs:8080/tfs' },
  projectPath: '$/proj',
};

test('of an upstream pipeline and of a package there is nothing to check out', async () => {
  const materials = [revisionOf(upstream, 'up/1/build/1'), revisionOf(packageMaterial, '1.0')];
  const outcome = await checkOut({
    materials,
    after: async (folder) => expect(await readdir(folder)).toEqual([]),
  });
  expect(outcome).toMatchObject({ result: 'Passed' });
});

test.each<[string, Material, string]>([
  [
    'TFS',
    tfs,
    'This agent cannot check out $/proj of the Team Foundation Server http://u:******@tfs:8080/tfs.',
  ],
  [
    'a plugin',
    { type: 'PluggableSCMMaterial', materialType: 'PluggableSCMMaterial', scm },
    'This agent cannot check out the material prs, which needs the SCM plugin github.pr.',
  ],
])('names a material of %s, which it cannot check out', async (_, material, message) => {
  const outcome = await checkOut({ materials: [revisionOf(material, '1')] });
  expect(outcome.result).toBe('Failed');
  expect(outcome.console).toContain(`&2|${message}`);
});

test('checks out several materials, and leaves those of the last job that are still wanted', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const revision = await origin.commit({ a: '1' });
  const git = (folder: string) => gitRevision(origin.folder, [revision], { folder });
  const [, second] = await checkOutInTurn(
    dir.path,
    {
      materials: [git('one'), git('deep/two'), revisionOf(upstream, 'up/1/build/1')],
      async after(folder) {
        expect((await readdir(folder)).toSorted()).toEqual(['deep', 'one']);
        await mkdir(join(folder, 'cruise-output'));
        await writeFile(join(folder, 'file'), '');
      },
    },
    {
      materials: [git('deep/two'), git('three')],
      async after(folder) {
        expect((await readdir(folder)).toSorted()).toEqual(['cruise-output', 'deep', 'file', 'three']);
        expect(await readdir(join(folder, 'deep/two'))).toContain('a');
      },
    },
  );
  expect(second).toMatchObject({ result: 'Passed' });
  expect(second?.console).toMatch(/pr\|\[go\] Deleting folder .*\/one\n/);
});

test('refuses a destination outside of the working folder', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const revision = await origin.commit({ a: '1' });
  const materials = [gitRevision(origin.folder, [revision], { folder: '../other' })];
  const [outcome] = await checkOutInTurn(dir.path, { materials });
  expect(outcome?.result).toBe('Failed');
  expect(outcome?.console).toContain('&2|The destination folder ../other of a material is outside');
});
