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
  // What is the literal beginning itself does not begin below it.
  ['a/b/**', 'out', 'a/b', 'out/a'],
  ['a/b/', 'out', 'a/b', 'out/a'],
  ['a/b/c/**', '', 'a/b/c', 'a/b'],
  ['a/b/**', 'out', 'a/b/sub', 'out'],
  ['a/b/**', 'out', 'a/b/sub/x', 'out/sub'],
  ['a//b', 'out', 'a/b', 'out/a'],
  ['a\\b\\*', 'out', 'a/b/f', 'out'],
  // GoCD looks for the slash too, and does not find it.
  ['/target/*.jar', 'pkg', 'target/a.jar', 'pkg/target'],
  ['/target', 'pkg', 'target', 'pkg'],
  ['**', 'out', '', 'out/pipelines'],
  ['**', 'out', 'dir', 'out'],
  ['**', 'out', 'dir /sub', 'out/dir '],
])('%s to [%s]: %s goes to [%s]', (src, dest, match, expected) => {
  expect(artifactDestination({ src, dest, match, workingDir: 'pipelines/up42' })).toBe(expected);
});
