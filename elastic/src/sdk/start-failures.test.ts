import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { StartFailures } from './start-failures.ts';

function setup() {
  const clock = new FakeClock();
  return { clock, failures: new StartFailures(clock, () => 0) };
}

test('each failure in a row makes the next try wait twice as long, and the reason is told', async () => {
  const { clock, failures } = setup();
  expect(failures.trouble('small')).toBeNull();
  failures.failed('small', 'no such image');
  expect(failures.trouble('small')).toEqual({
    type: 'wait',
    reason: 'Starting an agent has failed once (no such image); the next try is in 5 s',
    askAgainMs: 5000,
  });
  await clock.advance(5000);
  expect(failures.trouble('small')).toBeNull();
  failures.failed('small', 'no such image');
  expect(failures.trouble('small')).toMatchObject({
    askAgainMs: 10_000,
    reason: expect.stringContaining('2 times in a row') as string,
  });
  for (let turn = 0; turn < 20; turn++) {
    await clock.advance(600_000);
    failures.failed('small', 'no such image');
  }
  expect(failures.trouble('small')?.askAgainMs).toBe(600_000);
});

test('agents that fail together count once', async () => {
  const { clock, failures } = setup();
  for (let agent = 0; agent < 5; agent++) failures.failed('small', `agent ${agent}`);
  expect(failures.trouble('small')?.askAgainMs).toBe(5000);
  await clock.advance(5000);
  failures.failed('small', 'again');
  expect(failures.trouble('small')?.askAgainMs).toBe(10_000);
});

test('one that registers ends the row, and other profiles have rows of their own', async () => {
  const { clock, failures } = setup();
  failures.failed('small', 'x');
  expect(failures.trouble('big')).toBeNull();
  failures.succeeded('small');
  expect(failures.trouble('small')).toBeNull();
  await clock.advance(60_000);
  failures.failed('small', 'x');
  expect(failures.trouble('small')?.askAgainMs).toBe(5000);
});
