import type { Material } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { destinationFolders, folderFate } from './stale-folders.ts';

function git(folder?: string): Material {
  const fields = {
    type: 'GitMaterial',
    materialType: 'GitMaterial',
    url: { url: 'u' },
    shallowClone: false,
  } as const;
  return folder === undefined ? fields : { ...fields, folder };
}
const upstream: Material = {
  type: 'DependencyMaterial',
  materialType: 'DependencyMaterial',
  pipelineName: { name: 'p' },
  stageName: { name: 's' },
};

test('removes nothing as long as a material fills the working folder itself, or there is none', () => {
  expect(destinationFolders([git('a'), git()])).toBeUndefined();
  expect(destinationFolders([upstream])).toBeUndefined();
  expect(destinationFolders([git('a'), upstream, git('./b\\c/')])).toEqual(['a', 'b/c']);
});

test.each([
  ['a', 'keep'],
  ['b', 'look-inside'],
  ['b/c', 'keep'],
  ['b/x', 'delete'],
  ['bb', 'delete'],
  ['cruise-output', 'keep'],
])('with the folders a and b/c, %s: %s', (path, fate) => {
  expect(folderFate(path, ['a', 'b/c'])).toBe(fate);
});
