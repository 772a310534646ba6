import type { ArtifactPlan } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import type { CancelReason } from '../journal/format.ts';
import { shell, type TestJobOptions, testJob } from './testing/test-job.ts';
import { testRelay } from './testing/test-relay.ts';

const artifactPlans: readonly ArtifactPlan[] = [{ artifactPlanType: 'file', src: 'log', dest: '' }];

async function run(options: TestJobOptions, cancel?: CancelReason) {
  await using job = await testJob(options);
  await using relay = await testRelay(job.folder, ({ method }) => ({
    status: method === 'HEAD' ? 404 : 201,
  }));
  const running = job.run();
  if (cancel !== undefined) {
    // Not the line that shows the task.
    await job.untilConsoleHas('&1|is written');
    job.cancel(cancel);
  }
  const result = await running;
  const uploads = relay.requests.filter(({ method }) => method === 'POST').length;
  return { result, uploads, console: await job.console(), survivors: job.survivors() };
}

const builders = [shell('echo > log; echo is written; sleep 600')];

test('a cancelled job uploads what there is, and stays cancelled', async () => {
  const { result, uploads, console, survivors } = await run(
    { assignment: { builders, artifactPlans } },
    'cancelled',
  );
  expect(result).toBe('Cancelled');
  expect(uploads).toBe(1);
  expect(console).toContain('j1|[go] Current job status: cancelled\nar|[go] Start to upload');
  expect(survivors).toEqual([]);
});

test('a job that is somebody else’s now uploads nothing', async () => {
  const { result, uploads } = await run({ assignment: { builders, artifactPlans } }, 'superseded');
  expect(result).toBe('Cancelled');
  expect(uploads).toBe(0);
});

test('an upload that fails after a cancellation does not change the result', async () => {
  const missing: readonly ArtifactPlan[] = [{ artifactPlanType: 'file', src: 'none', dest: '' }];
  const { result, console } = await run({ assignment: { builders, artifactPlans: missing } }, 'cancelled');
  expect(result).toBe('Cancelled');
  expect(console).toContain('ae|[go] Uploading finished. Failed to upload [none].');
});

test('a job whose preparation failed uploads what there is, and has failed', async () => {
  const material = {
    type: 'GitMaterial',
    materialType: 'GitMaterial',
    url: { url: '/nowhere' },
    refSpecOrBranch: 'main',
    shallowClone: false,
  } as const;
  const revisions = [{ material, modifications: [{ revision: 'a'.repeat(40) }], changed: true }];
  const { result, console } = await run({
    assignment: { builders: [], artifactPlans, materialRevisions: { revisions } },
  });
  expect(result).toBe('Failed');
  expect(console).toContain('j1|[go] Current job status: failed\nar|[go] Start to upload');
});

test('a job that was silent for too long uploads what there is, and has failed', async () => {
  const { result, uploads, console } = await run({ assignment: { builders, artifactPlans } }, 'timed-out');
  expect(result).toBe('Failed');
  expect(uploads).toBe(1);
  expect(console).toMatch(/\?1\|\[go\] Task status: failed/);
  expect(console).toContain('j1|[go] Current job status: failed\nar|[go] Start to upload');
  expect(console).not.toContain('The upload was cancelled');
});
