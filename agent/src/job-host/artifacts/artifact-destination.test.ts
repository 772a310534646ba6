import { expect, test } from 'vitest';
import { artifactDestination } from './artifact-destination.ts';

test.each([
  ['target/*.jar', 'pkg', 'target/a.jar', 'pkg'],
  ['target/**/*.xml', 'rep', 'target/s/t/a.xml', 'rep/s/t'],
  ['target', 'pkg', 'target', 'pkg'],
  ['target/deep/file.txt', '', 'target/deep/file.txt', ''],
  ['**/*.txt', '', 'x/y/a.txt', 'x/y'],
  ['dir/**', 'out', 'dir', 'out'],
  ['dir/**', 'out', 'dir/sub', 'out'],
  ['dir/**', 'out', 'dir/sub/x', 'out/sub'],
  ['a/*', '/lead/trail/', 'a/f', 'lead/trail'],
])('%s to [%s]: %s goes to [%s]', (src, dest, match, expected) => {
  expect(artifactDestination(src, dest, match)).toBe(expected);
});
