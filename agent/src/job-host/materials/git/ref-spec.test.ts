import { expect, test } from 'vitest';
import { parseRefSpec } from './ref-spec.ts';

test.each([
  ['main', 'main', 'origin/main', undefined],
  ['feature/x', 'feature/x', 'origin/feature/x', undefined],
  ['refs/pull/7/head:pr-7', 'pr-7', 'refs/remotes/origin/pr-7', 'refs/pull/7/head:refs/remotes/origin/pr-7'],
  ['refs/a:refs/remotes/origin/b', 'b', 'refs/remotes/origin/b', 'refs/a:refs/remotes/origin/b'],
  ['refs/a:refs/heads/b', 'b', 'refs/heads/b', 'refs/a:refs/heads/b'],
])('%s', (text, localBranch, remoteBranch, fetch) => {
  expect(parseRefSpec(text)).toEqual({
    localBranch,
    remoteBranch,
    ...(fetch === undefined ? {} : { fetch }),
  });
});
