import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Decision, decideRelease } from './decide-release.ts';
import { ringPosition } from './in-ring.ts';
import type { Rollout, RolloutState } from './rollout-state.ts';

const VERSIONS = ['2.0', '1.1', '1.0'];
const AGENT = { guid: 'a1', resources: ['linux'], environments: ['prod'] };

function rollout(change: Partial<Rollout> = {}): Rollout {
  const limits = { maxFailedPercent: 10, minVerdicts: 5 };
  const ring = { percent: 0, resources: [], environments: [] };
  return { version: '2.0', base: '1.0', ...ring, ...limits, startedAt: 1, countsFrom: 1, ...change };
}

function decide(state: Partial<RolloutState>, more: { hasFailed?: boolean; versions?: string[] } = {}) {
  return decideRelease({
    state: { pins: [], ...state },
    agent: AGENT,
    hasFailed: more.hasFailed ?? false,
    versions: more.versions ?? VERSIONS,
  });
}

test('without any decision of an operator all get the newest release', () => {
  expect(decide({})).toMatchObject({ type: 'offer', version: '2.0' });
  expect(decide({}, { versions: [] })).toMatchObject({ type: 'keep' });
});

test.each([
  ['nobody is in a ring of 0 %', { percent: 0 }, '1.0'],
  ['everybody is in a ring of 100 %', { percent: 100 }, '2.0'],
  ['an agent with a resource of the ring', { resources: ['LINUX'] }, '2.0'],
  ['an agent in an environment of the ring', { environments: ['prod'] }, '2.0'],
  ['an agent with other resources', { resources: ['windows'], environments: ['test'] }, '1.0'],
  ['a halted roll-out', { percent: 100, halted: { at: 2, reason: 'x' } }, '1.0'],
])('%s', (_title, change, version) => {
  expect(decide({ rollout: rollout(change) })).toMatchObject({ type: 'offer', version });
});

test('an agent on which the version failed goes back and is not offered it again', () => {
  expect(decide({ rollout: rollout({ percent: 100 }) }, { hasFailed: true })).toEqual({
    type: 'offer',
    version: '1.0',
    why: '2.0 failed its probation here',
  });
});

test('a pin of the agent comes before one of its resources, both before a freeze, and that before the roll-out', () => {
  const frozen = { at: 1, reason: 'release day' };
  const resource = { kind: 'resource', name: 'Linux', version: '1.1', at: 1 } as const;
  const own = { kind: 'agent', name: 'A1', version: '1.0', at: 1 } as const;
  const ring = rollout({ percent: 100 });
  expect(decide({ pins: [resource, own], frozen, rollout: ring })).toMatchObject({ version: '1.0' });
  expect(decide({ pins: [resource], frozen, rollout: ring })).toMatchObject({ version: '1.1' });
  expect(decide({ frozen, rollout: ring })).toEqual({
    type: 'keep',
    why: 'all agents are frozen: release day',
  });
});

test('what the server has no more is replaced by nothing else', () => {
  const gone = { kind: 'agent', name: 'a1', version: '0.9', at: 1 } as const;
  expect(decide({ pins: [gone] })).toEqual({
    type: 'keep',
    why: 'the agent is pinned, but the server has no release 0.9',
  });
  expect(decide({ rollout: rollout() }, { versions: ['2.0'] })).toMatchObject({ type: 'keep' });
  const { base: _, ...first } = rollout();
  expect(decide({ rollout: first })).toMatchObject({ type: 'keep' });
});

const guid = fc.uuid();
const isNew = (decision: Decision) => decision.type === 'offer' && decision.version === '2.0';
const names = fc.subarray(['linux', 'windows', 'gpu', 'docker']);

test('an agent that got the new version keeps it when the ring grows', () => {
  fc.assert(
    fc.property(guid, fc.nat(100), fc.nat(100), names, names, names, (id, a, b, has, first, more) => {
      const agent = { guid: id, resources: has, environments: [] };
      const offered = (percent: number, resources: string[]) =>
        decideRelease({
          state: { pins: [], rollout: rollout({ percent, resources }) },
          agent,
          hasFailed: false,
          versions: VERSIONS,
        });
      const before = offered(Math.min(a, b), first);
      const after = offered(Math.max(a, b), [...first, ...more]);
      return !isNew(before) || isNew(after);
    }),
  );
});

test('a halted roll-out offers the new version to nobody, whoever it is', () => {
  fc.assert(
    fc.property(guid, fc.nat(100), names, names, fc.boolean(), (id, percent, has, wanted, hasFailed) => {
      const halted = rollout({ percent, resources: wanted, halted: { at: 1, reason: 'x' } });
      expect(
        decideRelease({
          state: { pins: [], rollout: halted },
          agent: { guid: id, resources: has, environments: [] },
          hasFailed,
          versions: VERSIONS,
        }),
      ).toMatchObject({ type: 'offer', version: '1.0' });
    }),
  );
});

test('a ring of so many percent has about so many percent of the agents, other ones for each version', () => {
  const agents = Array.from({ length: 10_000 }, (_, number) => `agent-${number}`);
  const ring = (version: string) => agents.filter((agent) => ringPosition(version, agent) < 10);
  expect(ring('2.0').length).toBeGreaterThan(900);
  expect(ring('2.0').length).toBeLessThan(1100);
  const both = new Set(ring('2.0')).intersection(new Set(ring('2.1')));
  expect(both.size).toBeLessThan(200);
});
