import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { shell, testJob } from '../testing/test-job.ts';
import { gitRevision } from '../testing/test-repository.ts';
import { describeDuration } from './describe-duration.ts';

test('a job that prints nothing for longer than its time-out is ended and has failed', async () => {
  await using job = await testJob({
    assignment: { jobTimeoutMs: 4000, builders: [shell('echo up; sleep 300'), shell('echo never')] },
  });
  expect(await job.run()).toBe('Failed');
  const console = await job.console();
  expect(console).toContain(
    '&1|up\n&2|[go] The job has printed nothing for 4 seconds, which is its time-out, and is ended.',
  );
  expect(console).toContain('(exit code: 143)');
  expect(console).not.toContain('never');
  expect(console).not.toContain('Job is cancelled');
  const events = await job.events();
  expect(events.at(-1)).toMatchObject({ result: 'Failed', reason: 'timed-out' });
  expect(events.find(({ type }) => type === 'completing')).toMatchObject({ result: 'Failed' });
  expect(job.survivors()).toEqual([]);
});

test('a job that goes on printing, be it half a line, may take longer than its time-out', async () => {
  await using job = await testJob({
    assignment: {
      jobTimeoutMs: 4000,
      builders: [shell('for i in 1 2 3 4 5 6 7 8 9; do sleep 0.5; printf .; done; echo')],
    },
  });
  expect(await job.run()).toBe('Passed');
});

test('a checkout that hangs runs into the time-out of the job', async () => {
  await using server = createServer((socket) => socket.on('error', () => undefined).resume()).listen(
    0,
    '127.0.0.1',
  );
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const revisions = [gitRevision(`http://127.0.0.1:${port}/r.git`, ['abc'])];
  await using job = await testJob({
    assignment: { jobTimeoutMs: 1500, materialRevisions: { revisions }, builders: [shell('echo never')] },
  });
  expect(await job.run()).toBe('Failed');
  const console = await job.console();
  expect(console).toContain('&2|[go] The job has printed nothing for 1.5 seconds');
  expect(console).not.toContain('never');
  expect((await job.events()).at(-1)).toMatchObject({ result: 'Failed', reason: 'timed-out' });
});

test('a duration is told in minutes if it is whole ones', () => {
  expect([60_000, 5_400_000, 90_000, 250].map(describeDuration)).toEqual([
    '1 minute',
    '90 minutes',
    '90 seconds',
    '0.25 seconds',
  ]);
});
