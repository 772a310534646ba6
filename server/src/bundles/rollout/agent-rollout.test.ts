import { runServices } from '@go-agent/runtime';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { CoreFixture } from '../../core/core-fixture.ts';
import type { ServerCore } from '../../core.ts';
import type { Release } from '../release.ts';
import { md5Of, testRelease } from '../testing/test-release.ts';
import { readAgentReport } from './agent-report.ts';

const OLD = testRelease('1.0');
const NEW = testRelease('2.0');
const BOTH = [NEW, OLD];

/** What the launcher and agent of one machine would do: take what is offered, try it, keep it or go back. */
class Machine {
  readonly guid: string;
  readonly #isBadFor: (version: string) => boolean;
  readonly #quarantined = new Set<string>();
  current = '1.0';
  touched = false;

  constructor(guid: string, isBadFor: (version: string) => boolean = () => false) {
    this.guid = guid;
    this.#isBadFor = isBadFor;
  }

  /** One request, and the whole probation of what it brings. */
  ask({ rollout }: ServerCore, releases: readonly Release[] = BOTH): void {
    const before = this.current;
    const decision = rollout.decide({ guid: this.guid, report: this.#report(false) }, releases);
    if (decision.type === 'keep' || this.#quarantined.has(decision.version)) return;
    if (decision.version === before) return;
    this.current = decision.version;
    this.touched ||= decision.version === '2.0';
    rollout.decide({ guid: this.guid, report: this.#report(true) }, releases);
    if (!this.#isBadFor(decision.version)) return;
    this.#quarantined.add(decision.version);
    this.current = before;
  }

  #report(probation: boolean) {
    const part = (name: string) => ({
      current: md5Of(`${this.current} ${name}`),
      probation,
      quarantined: [...this.#quarantined].map((version) => ({
        md5: md5Of(`${version} ${name}`),
        reason: 'it ended with 1',
      })),
    });
    const text = JSON.stringify({ launcher: part('agent-launcher'), agent: part('agent') });
    return readAgentReport(text);
  }
}

async function fleet(fixture: CoreFixture, count: number, isBad: (number: number) => boolean = () => false) {
  const machines: Machine[] = [];
  for (let number = 0; number < count; number++) {
    const uuid = `agent-${number}`;
    await fixture.agent(uuid);
    machines.push(new Machine(uuid, (version) => version === '2.0' && isBad(number)));
  }
  return machines;
}

function everybodyAsks(machines: readonly Machine[], core: ServerCore, times = 3): void {
  for (let time = 0; time < times; time++) for (const machine of machines) machine.ask(core);
}

const newer = (machines: readonly Machine[]) => machines.filter(({ current }) => current === '2.0');

test('of 100 agents and a release that fails on 30 %, none but its ring of 10 % is touched before it halts by itself', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  const machines = await fleet(fixture, 100, (number) => number % 10 < 3);
  const start = (percent: number) => core.rollout.start({ version: '2.0', percent, minVerdicts: 3 }, BOTH);
  for (const percent of [1, 5, 10]) {
    await start(percent);
    everybodyAsks(machines, core);
  }
  expect(core.rollout.status(BOTH).state.rollout?.halted?.reason).toMatch(/agents failed their probation/);
  expect(await start(100)).toMatchObject({ type: 'conflict', message: expect.stringContaining('resume') });
  everybodyAsks(machines, core);
  expect(newer(machines)).toEqual([]);
  expect(machines.filter(({ touched }) => touched).length).toBeLessThanOrEqual(15);
}, 120_000);

test('rings grow, agents that have the new version keep it, and at last all have it', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  const machines = await fleet(fixture, 30);
  everybodyAsks(machines, core, 0);
  let before: readonly Machine[] = [];
  for (const percent of [0, 10, 50, 100]) {
    expect(await core.rollout.start({ version: '2.0', percent }, BOTH)).toMatchObject({ type: 'ok' });
    everybodyAsks(machines, core);
    expect(newer(machines)).toEqual(expect.arrayContaining([...before]));
    before = newer(machines);
  }
  expect(before).toHaveLength(30);
  expect(core.rollout.status(BOTH).tally).toEqual({ passed: 30, failed: 0 });
}, 120_000);

test('decisions and verdicts survive a restart', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  const machines = await fleet(fixture, 4, (number) => number < 2);
  await core.rollout.start({ version: '2.0', percent: 100, minVerdicts: 4, maxFailedPercent: 40 }, BOTH);
  await core.rollout.pin({ kind: 'agent', name: 'agent-3', version: '1.0' }, BOTH);
  const stop = new AbortController();
  const storing = core.services.filter(({ name }) => name === 'rollout');
  const running = runServices(storing, stop.signal);
  everybodyAsks(machines.slice(0, 3), core);
  await core.rollout.freeze('release day');
  await fixture.clock.advance(1000);
  stop.abort();
  await running;
  const before = core.rollout.status(BOTH);
  expect(before.tally).toEqual({ passed: 1, failed: 2 });
  const restarted = await fixture.restart();
  const after = restarted.rollout.status(BOTH);
  expect(after.state).toEqual(before.state);
  expect(after.tally).toEqual(before.tally);
  expect(after.agents.map(({ uuid, decision, verdict }) => [uuid, decision, verdict?.type])).toEqual(
    before.agents.map(({ uuid, decision, verdict }) => [uuid, decision, verdict?.type]),
  );
  await restarted.rollout.unfreeze();
  const why = (uuid: string) =>
    restarted.rollout.status(BOTH).agents.find((agent) => agent.uuid === uuid)?.decision;
  expect(why('agent-0')).toMatchObject({ version: '1.0', why: '2.0 failed its probation here' });
  expect(why('agent-2')).toMatchObject({ version: '2.0' });
  expect(why('agent-3')).toMatchObject({ version: '1.0', why: 'the agent is pinned' });
});

test('after a resume the failures of before count no more, and the agents that failed stay back', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  const machines = await fleet(fixture, 6, (number) => number === 0);
  await core.rollout.start({ version: '2.0', percent: 100, minVerdicts: 1, maxFailedPercent: 0 }, BOTH);
  everybodyAsks(machines.slice(0, 1), core);
  expect(core.rollout.status(BOTH).state.rollout?.halted).toBeDefined();
  await fixture.clock.advance(1);
  expect(await core.rollout.resume()).toMatchObject({ type: 'ok' });
  everybodyAsks(machines, core);
  expect(core.rollout.status(BOTH).state.rollout?.halted).toBeUndefined();
  expect(machines.map(({ current }) => current)).toEqual(['1.0', '2.0', '2.0', '2.0', '2.0', '2.0']);
});

test('who is not registered is decided for, and not remembered', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  new Machine('nobody', () => true).ask(core);
  expect(core.rollout.decide({ guid: '' }, BOTH)).toMatchObject({ version: '2.0' });
  expect(core.rollout.status(BOTH).agents).toEqual([]);
});

test('a halt that comes while a command is being stored is not lost', async () => {
  await using fixture = await CoreFixture.make();
  const core = await fixture.start();
  const machines = await fleet(fixture, 2, () => true);
  await core.rollout.start({ version: '2.0', percent: 50, minVerdicts: 1, resources: [] }, BOTH);
  await core.rollout.start({ version: '2.0', percent: 100 }, BOTH);
  const pinning = core.rollout.pin({ kind: 'resource', name: 'gpu', version: '1.0' }, BOTH);
  everybodyAsks(machines, core);
  expect(await pinning).toMatchObject({ type: 'ok' });
  const isWhole = ({ rollout, pins }: ReturnType<typeof state>) =>
    rollout?.halted !== undefined && pins.length === 1;
  const state = () => core.rollout.status(BOTH).state;
  expect(isWhole(state())).toBe(true);
  await waitFor(() => isWhole(state()));
  expect(isWhole((await fixture.restart()).rollout.status(BOTH).state)).toBe(true);
});
