import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { TEST_PATH, testJob } from '../../testing/test-job.ts';
import { gitRevision, testRepository } from '../../testing/test-repository.ts';

test('does not wait for what git leaves in the background, as ssh leaves a shared connection', async () => {
  await using dir = await tempDir();
  const origin = await testRepository(join(dir.path, 'origin'));
  const one = await origin.commit({ a: '1' });
  const programs = join(dir.path, 'programs');
  await mkdir(programs);
  const git = `#!/bin/sh\nsleep 300 &\nPATH=${TEST_PATH} exec git "$@"\n`;
  await writeFile(join(programs, 'git'), git);
  await chmod(join(programs, 'git'), 0o755);
  await using job = await testJob({
    env: { PATH: `${programs}:${TEST_PATH}` },
    assignment: { materialRevisions: { revisions: [gitRevision(origin.folder, [one])] } },
  });
  expect(await job.run()).toBe('Passed');
  expect(await readFile(join(job.workingDir, 'a'), 'utf8')).toBe('1');
  expect(job.survivors()).toEqual([]);
});
