import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { GitMaterial, MaterialRevision } from '@go-agent/protocol';

import { TEST_PATH } from './test-job.ts';

const run = promisify(execFile);
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export interface TestRepository {
  readonly folder: string;
  git(...args: string[]): Promise<string>;
  /** Writes the files and commits all there is. Resolves to the revision. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
}

/** A new repository on branch `main`. */
export async function testRepository(folder: string): Promise<TestRepository> {
  const git = async (...args: string[]) => {
    const env = { PATH: TEST_PATH, ...IDENTITY };
    const { stdout } = await run('git', ['-c', 'protocol.file.allow=always', ...args], { cwd: folder, env });
    return stdout.trim();
  };
  await mkdir(folder, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    git,
    async commit(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--message=test');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** A material with its revisions, newest first. */
export function gitRevision(
  url: string,
  revisions: readonly string[],
  fields: Partial<GitMaterial> = {},
): MaterialRevision {
  const material: GitMaterial = {
    type: 'GitMaterial',
    materialType: 'GitMaterial',
    url: { url },
    refSpecOrBranch: 'main',
    shallowClone: false,
    ...fields,
  };
  return { material, modifications: revisions.map((revision) => ({ revision })), changed: true };
}
