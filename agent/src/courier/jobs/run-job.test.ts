import type { Logger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { createJobFolder } from '../../journal/job-folder.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { parseSettings } from '../settings/parse-settings.ts';
import { type JobDependencies, JobRun } from './run-job.ts';

test('starts no host in place of one that did not begin, once the job is to end', async () => {
  await using home = await tempDir();
  const assignment = sampleAssignment({ home: home.path, buildId: 1 });
  const folder = createJobFolder(home.path, assignment);
  const clock = new FakeClock();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined, child: () => log };
  let starts = 0;
  const deps = {
    clock,
    log: log as unknown as Logger,
    settings: parseSettings({}),
    bootId: 'boot',
    hosts: { assign: () => void (starts += 1), warm: () => undefined },
  } as unknown as JobDependencies;
  const stop = new AbortController();
  const leave = new AbortController().signal;
  const run = new JobRun(folder, assignment, deps, { leave, stop: stop.signal }, true).run();
  await expect.poll(() => clock.sleeping()).toContain(200);
  stop.abort();
  expect(await run).toBe('stopped');
  expect(starts).toBe(1);
});
