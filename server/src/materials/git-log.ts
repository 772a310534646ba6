// Reading commits from git's output.

import type { NewModification } from '../store/modification-repository.ts';

/** Five fields for each commit, ended by NUL: a commit cannot contain one. */
export const COMMIT_FORMAT = '%H%x00%ct%x00%an <%ae>%x00%ae%x00%B';
const FIELDS = 5;

export interface Commit extends NewModification {}

/** @param output of `git log -z --format=COMMIT_FORMAT`, in git's order */
export function parseCommits(output: string): Commit[] {
  const tokens = output.split('\0');
  const commits: Commit[] = [];
  for (let at = 0; at + FIELDS <= tokens.length; at += FIELDS) {
    const [revision = '', seconds = '', userName = '', emailAddress = '', comment = ''] = tokens.slice(
      at,
      at + FIELDS,
    );
    commits.push({
      revision: revision.trim(),
      modifiedAt: Number(seconds) * 1000,
      userName,
      emailAddress,
      comment: comment.trim(),
      files: [],
    });
  }
  return commits;
}

/** Paths by commit. @param output of `git diff-tree --stdin -r --root --raw -z` */
export function parseChangedFiles(output: string): Map<string, string[]> {
  const byCommit = new Map<string, string[]>();
  let files: string[] = [];
  const tokens = output.split('\0');
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]?.trim() ?? '';
    if (token.startsWith(':')) {
      at += 1;
      files.push(tokens[at] ?? '');
    } else if (token !== '') {
      files = [];
      byCommit.set(token, files);
    }
  }
  return byCommit;
}
