import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { tryAgain } from './try-again.ts';

const PASSING = { mayPass: true };
const LASTING = { mayPass: false };

/** Attempts with these outcomes; the last of them goes on for ever. */
function attempts(...outcomes: { mayPass: boolean }[]) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const said: string[] = [];
  let made = 0;
  const attempt = async () => outcomes[Math.min(made++, outcomes.length - 1)] ?? LASTING;
  const result = tryAgain(attempt, { clock, signal: stop.signal, say: (text) => said.push(text) });
  return { clock, stop, said, result, made: () => made };
}

test('a fault that stays is met with three attempts, after a pause of about one second and of about five', async () => {
  const { clock, said, result, made } = attempts(PASSING);
  for (const [shortest, longest] of [
    [800, 1000],
    [4000, 5000],
  ] as const) {
    await clock.untilSleeping();
    const [pauseMs = 0] = clock.sleeping();
    expect(pauseMs).toBeGreaterThanOrEqual(shortest);
    expect(pauseMs).toBeLessThanOrEqual(longest);
    await clock.advance(pauseMs);
  }
  expect(await result).toBe(PASSING);
  expect(made()).toBe(3);
  expect(said.map((text) => text.replace(/ in [\d.]+ s$/, ''))).toEqual([
    'The network or the server failed, which may pass: attempt 2 of 3',
    'The network or the server failed, which may pass: attempt 3 of 3',
  ]);
});

test('a failure that lasts, and a success, are the end of it at once', async () => {
  const { said, result, made } = attempts(LASTING);
  expect(await result).toBe(LASTING);
  expect(made()).toBe(1);
  expect(said).toEqual([]);
});

test('a cancel ends the pause, and there is no further attempt', async () => {
  const { clock, stop, result, made } = attempts(PASSING);
  const outcome = expect(result).rejects.toBe('cancelled');
  await clock.untilSleeping();
  stop.abort('cancelled');
  await outcome;
  expect(made()).toBe(1);
});
