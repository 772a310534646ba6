import { treeKinds } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { killAll, shell, type TestJob, testJob } from '../testing/test-job.ts';

async function cancelWhen(job: TestJob, text: string): Promise<string> {
  const running = job.run();
  await job.untilConsoleHas(text);
  job.cancel();
  expect(await running).toBe('Cancelled');
  return (await job.console()).replaceAll(/\d+ ms/g, 'N ms');
}

test('signals a running task at once, runs no other, and reports the job as cancelled', async () => {
  await using job = await testJob({
    graceMs: 600_000,
    assignment: {
      builders: [shell('echo up; sleep 300'), shell('echo second', { conditions: [{ status: 'any' }] })],
    },
  });
  const console = await cancelWhen(job, '&1|up');
  expect(console).toContain(
    [
      '!x|[go] On Cancel Task: Kills child processes',
      '##|[go] Attempting to kill child processes.',
      'x0|[go] On Cancel Task completed',
      '^C|[go] Task status: cancelled (N ms) (exit code: 143)',
    ].join('\n'),
  );
  expect(console).not.toContain('second');
  expect(job.survivors()).toEqual([]);
  expect((await job.events()).at(-1)).toMatchObject({
    type: 'completed',
    result: 'Cancelled',
    reason: 'cancelled',
  });
});

test('kills what ignores the signal once the grace is over', async () => {
  await using job = await testJob({
    graceMs: 200,
    assignment: { builders: [shell('trap "" TERM; echo up; while :; do sleep 1; done')] },
  });
  const console = await cancelWhen(job, '&1|up');
  expect(console).toContain('(exit code: 137)');
  expect(console).toContain('##|[go] Attempting to force kill child processes.');
  expect(job.survivors()).toEqual([]);
});

test('runs the on-cancel task of the running task, and waits for it', async () => {
  const cancelBuilder = shell('sleep 1.5; echo cleaned up', { cancelBuilder: killAll });
  await using job = await testJob({
    // Over before that; but what got the first signal has gone by then.
    graceMs: 1000,
    assignment: { builders: [shell('echo up; sleep 300', { cancelBuilder })] },
  });
  const console = await cancelWhen(job, '&1|up');
  expect(console).toMatch(
    /!x\|\[go\] On Cancel Task: sleep 1.5; echo cleaned up\n&1\|cleaned up\nx0\|\[go\] On Cancel Task completed\n\^C\|/,
  );
});

test('says so when the on-cancel task fails', async () => {
  const cancelBuilder = shell('exit 9', { cancelBuilder: killAll });
  await using job = await testJob({
    assignment: { builders: [shell('echo up; sleep 300', { cancelBuilder })] },
  });
  expect(await cancelWhen(job, '&1|up')).toContain('x1|[go] On Cancel Task failed');
});

test('a job that is cancelled before it begins runs nothing', async () => {
  await using job = await testJob({ assignment: { builders: [shell('echo never')] } });
  job.cancel('superseded');
  expect(await job.run()).toBe('Cancelled');
  const console = await job.console();
  expect(console).toContain('##|[go] Job is cancelled up42/1.0.7/up42_stage/1/up42_job');
  expect(console).not.toContain('never');
  expect((await job.events()).at(-1)).toMatchObject({ result: 'Cancelled', reason: 'superseded' });
});

test.each([
  ['for the agent', 3000, {}],
  ['for its own time-out', 600_000, { timeoutMs: 3000 }],
])(
  'ends an on-cancel task that takes too long %s, and kills the task all the same',
  async (_, onCancelMs, own) => {
    const cancelBuilder = shell('trap "" TERM; echo cleaning; sleep 300', { cancelBuilder: killAll, ...own });
    await using job = await testJob({
      graceMs: 100,
      onCancelMs,
      assignment: {
        builders: [shell('trap "" TERM; echo up; while :; do sleep 1; done', { cancelBuilder })],
      },
    });
    const console = await cancelWhen(job, '&1|up');
    expect(console).toContain(
      '&1|cleaning\n&2|[go] On Cancel Task took longer than 3 seconds and is ended\nx1|[go] On Cancel Task failed\n^C|',
    );
    expect(console).toContain('(exit code: 137)');
    expect(job.survivors()).toEqual([]);
  },
);

test('the administrator’s kill ends the grace, and with it what ignores the first signal', async () => {
  await using job = await testJob({
    graceMs: 600_000,
    assignment: {
      builders: [shell('trap "echo got TERM" TERM; echo up; while :; do sleep 0.05; done')],
    },
  });
  const running = job.run();
  await job.untilConsoleHas('&1|up');
  job.cancel();
  await job.untilConsoleHas('&1|got TERM');
  job.hurry();
  expect(await running).toBe('Cancelled');
  const console = await job.console();
  expect(console).toContain('##|[go] Attempting to force kill child processes.');
  expect(console).toContain('(exit code: 137)');
  expect(job.survivors()).toEqual([]);
});

test('the administrator’s kill ends an on-cancel task too', async () => {
  const cancelBuilder = shell('echo cleaning; sleep 300', { cancelBuilder: killAll });
  await using job = await testJob({
    graceMs: 600_000,
    assignment: { builders: [shell('echo up; sleep 300', { cancelBuilder })] },
  });
  const running = job.run();
  await job.untilConsoleHas('&1|up');
  job.cancel();
  await job.untilConsoleHas('&1|cleaning');
  job.hurry();
  expect(await running).toBe('Cancelled');
  expect(await job.console()).toContain(
    '&2|[go] On Cancel Task is not waited for any longer and is ended\nx1|',
  );
  expect(job.survivors()).toEqual([]);
});

test.each(treeKinds.filter(({ evasive }) => evasive !== true))(
  'a cancelled job leaves nothing of $name, on any level',
  async ({ script }) => {
    for (const level of ['best', 'session'] as const) {
      await using job = await testJob({
        level,
        graceMs: 200,
        assignment: { builders: [shell(`${script}; sleep 300`)] },
      });
      await cancelWhen(job, '&1|ready');
      expect(job.survivors()).toEqual([]);
    }
  },
);

test.each(['best', 'session'] as const)(
  'starts no task that is cancelled while it is being started (%s)',
  async (level) => {
    await using job: TestJob = await testJob({
      level,
      onSpawn: () => job.cancel(),
      assignment: { builders: [shell('trap "" TERM; while :; do echo runs; sleep 1; done')] },
    });
    expect(await job.run()).toBe('Cancelled');
    expect(await job.console()).not.toContain('&1|runs');
    expect(job.survivors()).toEqual([]);
  },
);

test.each(['the task', 'its on-cancel task'])(
  'does not wait for ever where not even SIGKILL ends %s',
  async (which) => {
    const deaf = shell('trap "" TERM; echo deaf; while :; do sleep 0.1; done');
    const task = which === 'the task' ? deaf : shell('echo deaf; exec sleep 300', { cancelBuilder: deaf });
    await using job = await testJob({
      isKillVain: true,
      graceMs: 100,
      onCancelMs: 500,
      assignment: { builders: [task] },
    });
    const result = job.run();
    await job.untilConsoleHas('&1|deaf');
    job.cancel();
    expect(await result).toBe('Cancelled');
    expect(await job.console()).toContain('These processes could not be ended, not even by SIGKILL: ');
  },
);
