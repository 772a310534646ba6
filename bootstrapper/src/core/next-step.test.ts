import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { expect, test } from 'vitest';
import { type History, nextStep } from './next-step.ts';

const noHistory: History = { failures: 0, quick: 0 };

const waitOf = (code: number, lastedMs: number, before: History) => {
  const step = nextStep({ code, lastedMs }, before, () => 0);
  return step === 'stop' ? 'stop' : step.waitMs;
};

const rows: readonly [string, number, number, History, number | 'stop'][] = [
  ['an agent that asks to be started again', LaunchOutcome.relaunch, 90_000, noHistory, 0],
  ['a new launcher', LaunchOutcome.replaced, 300, noHistory, 0],
  ['a refusal', LaunchOutcome.stop, 300, noHistory, 'stop'],
  ['a lost agent', LaunchOutcome.agentLost, 30_000, noHistory, 1_000],
  ['a launcher that failed', LaunchOutcome.launcherFailed, 300, noHistory, 1_000],
  ['an exit code', 7, 300, noHistory, 1_000],
  ['the second failure', 7, 300, { failures: 1, quick: 1 }, 2_000],
  ['the fifth failure', 7, 300, { failures: 4, quick: 4 }, 10_000],
  ['the thousandth failure', 7, 300, { failures: 999, quick: 999 }, 10_000],
  ['a failure after a good run', 7, 60_000, { failures: 4, quick: 4 }, 1_000],
  ['a failure after a run that was not quite good', 7, 59_999, { failures: 4, quick: 0 }, 10_000],
  ['the third quick one in a row', LaunchOutcome.relaunch, 300, { failures: 0, quick: 2 }, 0],
  ['the fourth quick one in a row', LaunchOutcome.relaunch, 300, { failures: 0, quick: 3 }, 1_000],
  ['a fourth one that was not quick', LaunchOutcome.replaced, 5_000, { failures: 0, quick: 3 }, 0],
];

for (const [title, code, lastedMs, before, expected] of rows) {
  test(`after ${title}: ${typeof expected === 'number' ? `wait ${expected} ms` : expected}`, () => {
    expect(waitOf(code, lastedMs, before)).toBe(expected);
  });
}

test('a launcher that replaces itself for ever never spins, and is shown as a crash loop', () => {
  let history = noHistory;
  const waits: number[] = [];
  let crashLoop = false;
  for (let launches = 0; launches < 10; launches++) {
    const step = nextStep({ code: LaunchOutcome.replaced, lastedMs: 200 }, history, () => 0);
    if (step === 'stop') throw new Error('stopped');
    waits.push(step.waitMs);
    ({ history, crashLoop } = step);
  }
  expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  expect(crashLoop).toBe(true);
});
