import { expect, test } from 'vitest';
import { type AgentSeen, judgeExit, judgeRunning } from './judge-agent.ts';

const limits = { probationMs: 60_000, memoryBytes: 1000 };
const fresh: AgentSeen = {
  runsMs: 0,
  ready: false,
  acceptedMs: undefined,
  answeredMs: 0,
  unanswered: 0,
  memoryBytes: 0,
};

const rows: readonly [string, Partial<AgentSeen>, boolean, string][] = [
  ['has just started', {}, false, 'fine'],
  ['is not ready after its time', { runsMs: 60_001 }, false, 'bad'],
  ['is good, and was slow once', { runsMs: 60_001 }, true, 'fine'],
  ['is ready, while the server is silent', { runsMs: 9e9, ready: true }, false, 'fine'],
  [
    'is not accepted by a server that answers',
    { runsMs: 70_000, ready: true, answeredMs: 60_001 },
    false,
    'bad',
  ],
  ['was accepted a while ago', { runsMs: 70_000, ready: true, acceptedMs: 59_999 }, false, 'fine'],
  ['was accepted long ago', { runsMs: 70_000, ready: true, acceptedMs: 60_000 }, false, 'good'],
  ['uses too much memory', { memoryBytes: 1001 }, true, 'bad'],
  ['uses all that it may', { memoryBytes: 1000 }, false, 'fine'],
  ['has missed a few questions', { unanswered: 3 }, true, 'fine'],
  ['does not answer any more', { unanswered: 4 }, true, 'bad'],
];

for (const [title, seen, isGood, expected] of rows) {
  test(`an agent that ${title} is ${expected}`, () => {
    expect(judgeRunning({ ...fresh, ...seen }, { isGood, canFail: true }, limits).type).toBe(expected);
  });
}

test('without a probation an agent has all the time that it takes', () => {
  expect(
    judgeRunning(
      { ...fresh, runsMs: 9e9, ready: true, answeredMs: 9e9 },
      { isGood: false, canFail: true },
      {
        ...limits,
        probationMs: 0,
      },
    ),
  ).toEqual({
    type: 'fine',
  });
});

test('without a limit an agent may use any memory', () => {
  const finding = judgeRunning(
    { ...fresh, memoryBytes: 1e12 },
    { isGood: false, canFail: true },
    { ...limits, memoryBytes: 0 },
  );
  expect(finding).toEqual({ type: 'fine' });
});

for (const [title, exit, seen, serverIsSilent, blamed] of [
  ['ends with 1 at once', { code: 1, signal: null }, {}, true, true],
  ['ends with 0', { code: 0, signal: null }, { ready: true }, false, false],
  ['refuses its settings, or the machine', { code: 2, signal: null }, {}, false, true],
  ['finds the home locked', { code: 4, signal: null }, {}, false, false],
  [
    'ends with 1 before a silent server has accepted it',
    { code: 1, signal: null },
    { ready: true },
    true,
    false,
  ],
  [
    'ends with 1 before a server that answers has accepted it',
    { code: 1, signal: null },
    { ready: true },
    false,
    true,
  ],
  [
    'ends with 1 after it was accepted',
    { code: 1, signal: null },
    { ready: true, acceptedMs: 1 },
    true,
    true,
  ],
  ['crashes', { code: null, signal: 'SIGSEGV' }, {}, true, true],
  ['is killed from outside', { code: null, signal: 'SIGKILL' }, {}, false, false],
] as const) {
  test(`an agent that ${title} is ${blamed ? '' : 'not '}to blame`, () => {
    expect(judgeExit(exit, { ...fresh, ...seen }, serverIsSilent) !== undefined).toBe(blamed);
  });
}
