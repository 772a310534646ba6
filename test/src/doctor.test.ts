// Plants each fault that docs/operations.md lists, and compares what doctor says with what the page says that it does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bindGuid } from '@go-agent/runtime/core';
import { expect, test } from 'vitest';
import { agentFaults } from './doctor/agent-faults.ts';
import { type DoctorRun, openDoctorWorld, runDoctor } from './doctor/doctor-world.ts';
import { documentedFaults } from './doctor/fault-table.ts';
import { machineFaults } from './doctor/machine-faults.ts';
import { serverFaults } from './doctor/server-faults.ts';

const plants = { ...machineFaults, ...serverFaults, ...agentFaults };
const documented = documentedFaults();

test('the page lists what is planted here, and nothing else', () => {
  const keys = documented.map(({ key }) => key);
  expect(keys.toSorted()).toEqual(Object.keys(plants).toSorted());
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.length).toBeGreaterThanOrEqual(25);
});

test('nothing fails in a home that is in good order, with at least 20 checks', async () => {
  await using world = await openDoctorWorld();
  const { status, findings } = await runDoctor(world);
  expect(findings.filter(({ result }) => result === 'fail')).toEqual([]);
  expect(status).toBe(0);
  expect(findings.length).toBeGreaterThanOrEqual(20);
});

test('what the log says of the guid before this one is of the past', async () => {
  await using world = await openDoctorWorld();
  const run = await plants['guid-twice-in-log']!(world);
  await bindGuid(world.home, 'the-next', Date.now() + 1);
  writeFileSync(join(world.home, 'config', 'guid.txt'), 'the-next');
  const { findings } = await runDoctor(world, run as DoctorRun);
  expect(findings.find(({ check }) => check === 'guid')).toMatchObject({ result: 'ok' });
});

test.concurrent.for(documented)(
  '$key: $check says so, and no other check fails',
  async ({ key, check, result, says }, { skip }) => {
    await using world = await openDoctorWorld();
    const run = await plants[key]!(world);
    if (run === 'impossible')
      return skip('another user or system than root on Linux cannot plant this fault');
    const { status, findings } = await runDoctor(world, run);
    const finding = findings.find((one) => one.check === check);
    expect(finding).toMatchObject({
      result,
      saw: expect.stringMatching(says),
      remedy: expect.stringMatching(/\w/),
    });
    expect(findings.filter((one) => one.result === 'fail' && one.check !== check)).toEqual([]);
    expect(status).toBe(result === 'fail' ? 1 : 0);
  },
);
