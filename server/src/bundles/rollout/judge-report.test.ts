import fc from 'fast-check';
import { expect, test } from 'vitest';
import { md5Of, testRelease } from '../testing/test-release.ts';
import { readAgentReport } from './agent-report.ts';
import { haltReason, judgeReport } from './judge-report.ts';

const [OLD, NEW] = [testRelease('1.0', { launcher: 'same' }), testRelease('2.0', { launcher: 'same' })];

function report(agent: object) {
  const text = JSON.stringify({ launcher: { current: md5Of('same') }, agent });
  const read = readAgentReport(text);
  if (read === undefined) throw new Error(`Not read: ${text}`);
  return read;
}

const current = md5Of('2.0 agent');

test.each([
  ['it runs something else', { current: md5Of('1.0 agent') }, 'absent'],
  ['its probation goes on', { current, probation: true }, 'trying'],
  ['its probation is over', { current, probation: false }, 'passed'],
  ['it is quarantined', { current: md5Of('1.0 agent'), quarantined: [{ md5: current }] }, 'failed'],
  ['another one is quarantined', { current, quarantined: [{ md5: md5Of('x'), reason: 'y' }] }, 'passed'],
])('a release, when %s', (_title, agent, verdict) => {
  expect(judgeReport(report(agent), NEW, OLD).type).toBe(verdict);
});

test('a release is proven when all of its new bundles are', () => {
  const both = testRelease('2.0');
  expect(judgeReport(report({ current }), both, OLD)).toEqual({ type: 'trying' });
  const launcher = { current: md5Of('2.0 agent-launcher'), probation: false };
  const all = readAgentReport(JSON.stringify({ launcher, agent: { current, probation: false } }));
  expect(all && judgeReport(all, both, OLD)).toEqual({ type: 'passed' });
});

test('a roll-out halts when the share of failures is above the limit, and not before there are enough verdicts', () => {
  const limits = { maxFailedPercent: 10, minVerdicts: 5 };
  expect(haltReason({ passed: 0, failed: 4 }, limits)).toBeUndefined();
  expect(haltReason({ passed: 9, failed: 1 }, limits)).toBeUndefined();
  expect(haltReason({ passed: 8, failed: 1 }, limits)).toBe(
    '1 of 9 agents failed their probation; the limit is 10 %',
  );
  expect(haltReason({ passed: 0, failed: 5 }, limits)).toBeDefined();
});

test('more failures never make a halt less likely, more successes never more', () => {
  const count = fc.nat(200);
  fc.assert(
    fc.property(count, count, fc.integer({ min: 1, max: 99 }), (passed, failed, maxFailedPercent) => {
      const limits = { maxFailedPercent, minVerdicts: 1 };
      const isHalted = haltReason({ passed, failed }, limits) !== undefined;
      return isHalted
        ? haltReason({ passed, failed: failed + 1 }, limits) !== undefined
        : haltReason({ passed: passed + 1, failed }, limits) === undefined || failed + passed === 0;
    }),
  );
});

test('a report of any shape is read as far as it makes sense, or not at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const read = readAgentReport(text);
      return read === undefined || judgeReport(read, NEW, OLD).type === 'absent';
    }),
  );
  expect(readAgentReport('x'.repeat(5000))).toBeUndefined();
  expect(readAgentReport(undefined)).toBeUndefined();
  expect(report({ current: 'nonsense', quarantined: 7, probation: 'yes' })).toMatchObject({
    agent: { probation: false, quarantined: [] },
  });
});
