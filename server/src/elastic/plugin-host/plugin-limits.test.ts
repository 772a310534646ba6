import { FakeClock, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { startPlugin } from '../testing/start-plugin.ts';

test.skipIf(process.platform !== 'linux').each([
  ['by itself', []],
  ['in a process that a script started', ['/bin/sh', '-c', '"$0" "$@"; exit $?']],
])('a plugin that takes more memory than it may, %s, is ended and started again', async (_, launcher) => {
  const clock = new FakeClock();
  await using it = await startPlugin('greedy', { clock, memoryMiB: 256, launcher });
  await waitFor(() => it.plugin.unavailable === undefined);
  await clock.advance(5000);
  await expect(it.plugin.call('assign-work', {}, { deadlineMs: 60_000 })).resolves.toMatchObject({
    decisions: [],
  });
  expect(it.problems.at(-1)).toBeUndefined();
  // It is looked at every five seconds, which takes a moment.
  await waitFor(async () => {
    await clock.advance(5000);
    return it.problems.some((problem) =>
      /^it took 3\d\d MiB of memory; its limit is 256/.test(problem ?? ''),
    );
  });
  // It is started again after a second or so; from then on it has all the time it needs.
  await clock.advance(2000);
  await waitFor(() => it.plugin.unavailable === undefined);
});

test('a plugin that announces a message of more than 16 MiB is ended, and the call fails', async () => {
  await using it = await startPlugin('endless');
  await waitFor(() => it.plugin.unavailable === undefined);
  await expect(it.plugin.call('assign-work', {}, { deadlineMs: 60_000 })).rejects.toMatchObject({
    code: 'plugin-ended',
    message: expect.stringContaining('16777217 bytes; more than 16777216 are not accepted') as string,
  });
  await waitFor(() => it.problems.some((problem) => problem?.includes('16777217 bytes')));
});
