import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LAUNCH_CONTRACT, LaunchOutcome, type LaunchRequest } from '@go-agent/protocol/launch-contract';
import { startServerStub } from '@go-agent/server-stub';
import { expect, test } from 'vitest';
import { type SwapStep, swapSteps } from './swap-step.ts';
import { type LaunchFixture, launchFixture } from './testing/launch-fixture.ts';
import { downloads, launched, offer, stateOf } from './testing/launch-results.ts';

const killer = join(import.meta.dirname, 'testing', 'killed-launch.ts');
/** The step at which a probation is over is waited for; in any other, no agent shall fail for its slow start. */
const probation = (step?: SwapStep) => ({ probation: step === 'good' ? '10s' : '60s' });

/** One launch in a process of its own, in which all is killed at this step. */
async function killAt(fixture: LaunchFixture, step: SwapStep): Promise<void> {
  const settings = probation(step);
  const request: LaunchRequest = { ...fixture.request, contract: LAUNCH_CONTRACT, settings };
  const file = fixture.path('request.json');
  await writeFile(file, JSON.stringify(request));
  const child = spawn(process.execPath, [killer, file, step], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
}

async function onceGood(fixture: LaunchFixture): Promise<void> {
  const good = fixture.start();
  await good.running();
  await good.stop();
}

/** Nothing is there but what a home has that was never interrupted. */
async function expectTidy(fixture: LaunchFixture, versions: readonly string[]): Promise<void> {
  const data = await readdir(fixture.path('data'));
  const known = ['agent', 'agent-plugins', 'downloads', 'launcher', 'state.json', 'trust'];
  expect(data.filter((name) => !known.includes(name))).toEqual([]);
  expect((await readdir(fixture.path('data', 'agent'))).toSorted()).toEqual([...versions].toSorted());
  expect(await readdir(fixture.path('data', 'downloads')).catch(() => [])).toEqual([]);
}

const afterVerdict: readonly SwapStep[] = ['verdict', 'quarantined', 'ended'];

for (const step of swapSteps.filter((one) => !afterVerdict.includes(one))) {
  test(`all is killed at the step "${step}" of an upgrade: the next start runs the new version, and leaves no rubbish`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    await onceGood(fixture);
    const next = fixture.agentBundle('next');
    await offer(stub, 'agent', next);
    await killAt(fixture, step);
    const one = fixture.start();
    await one.running();
    expect((await launched(fixture)).label).toBe('next');
    await one.stop();
    expect((await stateOf(fixture)).agent).toMatchObject({ current: next.md5, lastGood: next.md5 });
    expect((await stateOf(fixture)).agent.quarantined).toBeUndefined();
    await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
    await expectTidy(fixture, [next.md5]);
    // What was on the disk is not fetched again, not even if it was not unpacked yet.
    expect(downloads(stub, 'agent')).toBe(1);
  });
}

for (const step of afterVerdict) {
  test(`all is killed at the step "${step}" of a way back: the next starts come back to the last good version`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    await onceGood(fixture);
    const settings = probation();
    const bad = fixture.agentBundle('bad', 1, 'process.exit(1);');
    await offer(stub, 'agent', bad);
    await killAt(fixture, step);
    // Killed before the verdict was written down, it is tried once more, and found bad again.
    if (step === 'verdict') await fixture.start({ settings }).outcome;
    const one = fixture.start({ settings });
    await one.running();
    expect((await launched(fixture)).label).toBe('carried');
    await one.stop();
    expect((await stateOf(fixture)).agent).toMatchObject({
      current: fixture.carried.agent.md5,
      lastGood: fixture.carried.agent.md5,
      quarantined: [{ md5: bad.md5 }],
    });
    await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
    await expectTidy(fixture, [fixture.carried.agent.md5]);
    expect(downloads(stub, 'agent')).toBe(1);
  });
}

for (const step of ['asked', 'downloaded', 'in-place', 'current'] as const) {
  test(`all is killed at the step "${step}" of a change of launchers: the next start makes it, or has it`, async () => {
    await using stub = await startServerStub();
    await using fixture = await launchFixture(stub.url);
    await onceGood(fixture);
    const next = fixture.launcherBundle('next');
    await offer(stub, 'agent-launcher', next);
    await killAt(fixture, step);
    const { launcher } = await stateOf(fixture);
    expect(launcher.current).toBe(step === 'current' ? next.md5 : fixture.carried.launcher.md5);
    expect(await fixture.start().outcome).toBe(LaunchOutcome.replaced);
    expect((await stateOf(fixture)).launcher.current).toBe(next.md5);
    expect(await readdir(fixture.path('data', 'launcher'))).toEqual([`${next.md5}.zip`]);
    // As the bootstrapper starts it.
    await fixture.start({ launcherMd5: next.md5, settings: { 'exit-code': '0' } }).outcome;
    await expectTidy(fixture, [fixture.carried.agent.md5]);
    expect(await readdir(fixture.path('data', 'launcher'))).toEqual([`${next.md5}.zip`]);
  });
}

test('a state that was half written when all was killed is rubbish, and the one before counts', async () => {
  await using stub = await startServerStub();
  await using fixture = await launchFixture(stub.url);
  await onceGood(fixture);
  await writeFile(fixture.path('data', 'state.json.0123456789ab.tmp'), '{"agent": {"cur');
  await fixture.start({ settings: { 'exit-code': '0' } }).outcome;
  await expectTidy(fixture, [fixture.carried.agent.md5]);
});
