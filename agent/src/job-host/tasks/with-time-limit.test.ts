import { expect, test } from 'vitest';
import { killAll, shell, testJob, variable } from '../testing/test-job.ts';

test('a task that takes longer than its time-out is ended with all that it started, and the job has failed', async () => {
  await using job = await testJob({
    graceMs: 300,
    assignment: {
      builders: [
        shell('trap "" TERM; setsid sleep 300 & echo up; while :; do sleep 1; done', { timeoutMs: 4500 }),
        shell('echo skipped'),
        shell('echo on failure', { conditions: [{ status: 'failed' }] }),
      ],
    },
  });
  expect(await job.run()).toBe('Failed');
  const console = await job.console();
  expect(console).toMatch(
    /&1\|up\n&2\|\[go\] The task has taken longer than 4.5 seconds, which is its time-out, and is ended\.\n/,
  );
  expect(console).toMatch(/\?1\|\[go\] Task status: failed \(\d+ ms\) \(exit code: 137\)/);
  expect(console).not.toContain('skipped');
  expect(console).toContain('&1|on failure\n');
  expect(console).not.toContain('Ending');
  expect((await job.events()).at(-1)).toMatchObject({ result: 'Failed' });
  expect(job.survivors()).toEqual([]);
});

test('what an earlier task left running outlives the time-out of a later one', async () => {
  const properties = [variable('GO_AGENT_KEEP_PROCESSES', '')];
  await using job = await testJob({
    assignment: {
      initialContext: { properties },
      builders: [
        shell('sleep 300 > /dev/null 2>&1 & echo $! > pid'),
        shell('sleep 300', { timeoutMs: 200 }),
        shell('kill -0 $(cat pid) && echo still there', { conditions: [{ status: 'any' }] }),
      ],
    },
  });
  expect(await job.run()).toBe('Failed');
  expect(await job.console()).toContain('&1|still there\n');
  expect(job.survivors()).toEqual([]);
});

test('a task that ran into its time-out has its on-cancel task, and one that did not has not', async () => {
  const cancelBuilder = shell('echo cleaned up', { cancelBuilder: killAll });
  const conditions = [{ status: 'any' as const }];
  await using job = await testJob({
    assignment: {
      builders: [
        shell('sleep 300', { timeoutMs: 200, cancelBuilder, conditions }),
        shell('echo quick', { timeoutMs: 60_000, cancelBuilder, conditions }),
      ],
    },
  });
  await job.run();
  const console = await job.console();
  expect(console.match(/^&1\|cleaned up$/gm)).toHaveLength(1);
  expect(console).toMatch(/&1\|quick\n\?0/);
});

test('a cancel during the end of a task that ran into its time-out cancels the job, with one on-cancel task', async () => {
  const cancelBuilder = shell('echo cleaning; sleep 300', { cancelBuilder: killAll });
  await using job = await testJob({
    assignment: { builders: [shell('sleep 300', { timeoutMs: 200, cancelBuilder })] },
  });
  const running = job.run();
  await job.untilConsoleHas('&1|cleaning');
  job.cancel();
  expect(await running).toBe('Cancelled');
  expect((await job.console()).match(/^!x/gm)).toHaveLength(1);
  expect(job.survivors()).toEqual([]);
});
