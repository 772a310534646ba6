import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { check, fail, ok } from './check.ts';
import { reportLines } from './report.ts';
import { runChecks } from './run-checks.ts';
import type { Subject } from './subject.ts';

const about = 'a test';

function broken(name: string, error: Error) {
  return check({ name, about, look: () => Promise.reject(error), judge: () => ok('never') });
}

const errno = (code: string) => Object.assign(new Error(code), { code, path: '/p' });

test('a check that breaks, is forbidden or hangs is a finding, and the others are made', async () => {
  const clock = new FakeClock();
  const slow: string[][] = [];
  const hanging = check({
    name: 'hangs',
    about,
    look: () => new Promise<never>(() => undefined),
    judge: () => ok('never'),
  });
  const running = runChecks({
    subject: { clock } as unknown as Subject,
    checks: [
      broken('breaks', new Error('it is odd')),
      broken('forbidden', errno('EACCES')),
      hanging,
      check({ name: 'works', about, look: async () => 1, judge: () => fail('it is 1', 'make it 2') }),
    ],
    signal: new AbortController().signal,
    onSlow: (names) => slow.push([...names]),
    limitMs: 3000,
  });
  for (let second = 0; second < 4; second++) await clock.advance(1000);
  const findings = await running;
  expect(findings.map(({ check, result, saw }) => [check, result, saw])).toEqual([
    ['breaks', 'fail', 'it could not be looked at: it is odd'],
    ['forbidden', 'skipped', '/p cannot be looked at (EACCES); run as root or as the agent does'],
    ['hangs', 'fail', 'it was not done within 3 s'],
    ['works', 'fail', 'it is 1'],
  ]);
  expect(slow[0]).toEqual(['hangs']);
  expect(reportLines(findings)).toContain('fail     works      it is 1');
  expect(reportLines(findings)).toContain('                    Remedy: make it 2');
  expect(reportLines(findings).at(-1)).toBe('0 ok, 0 warn, 3 fail, 1 skipped');
});
