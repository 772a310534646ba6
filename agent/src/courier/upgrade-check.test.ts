import { createLogger } from '@go-agent/runtime';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { newBundle, UpgradeCheck, type UpgradeCheckOptions } from './upgrade-check.ts';

test.each([
  [{}, undefined, undefined],
  [{ agent: 'a' }, undefined, undefined],
  [{}, {}, undefined],
  [{ agent: 'a' }, {}, undefined],
  [{}, { agent: 'a' }, 'agent'],
  [{ agent: 'A', launcher: 'l', plugins: 'p' }, { agent: 'a', launcher: 'l', plugins: 'p' }, undefined],
  [{ agent: 'a', launcher: 'l' }, { agent: 'b', launcher: 'm' }, 'agent'],
  [{ agent: 'a', launcher: 'l' }, { agent: 'a', launcher: 'm' }, 'launcher'],
  [{ agent: 'a', plugins: 'p' }, { agent: 'a', plugins: 'q' }, 'plugins'],
] as const)(
  'launched with %o and now offered %o, the new bundle is %s',
  (launchedWith, offered, expected) => {
    expect(newBundle(launchedWith, offered)).toBe(expected);
  },
);

const never = new AbortController().signal;
const [a, b, c] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)] as const;

async function upgradeCheck(launch: UpgradeCheckOptions['launch'], offered: object) {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const asked: Readonly<Record<string, string>>[] = [];
  const client = {
    offer: async (_signal: AbortSignal, headers: Readonly<Record<string, string>> = {}) => {
      asked.push(headers);
      return offered;
    },
  };
  const log = createLogger({ file: `${folder.path}/log`, name: 'test', level: 'silent' });
  return { clock, asked, check: new UpgradeCheck({ launch, uuid: 'u1', client, clock, log }) };
}

test('the server is told who asks and what runs, as the launcher said last', async () => {
  const { check, asked } = await upgradeCheck({ offered: {}, versions: '{"agent":1}' }, {});
  await check.isDue(never);
  check.noteVersions('{"agent":2}');
  await check.isDue(never);
  expect(asked).toEqual([
    { 'X-Agent-GUID': 'u1', 'X-Agent-Versions': '{"agent":1}' },
    { 'X-Agent-GUID': 'u1', 'X-Agent-Versions': '{"agent":2}' },
  ]);
});

test('an agent without a launcher asks nobody', async () => {
  const { check, asked } = await upgradeCheck({}, { agent: a });
  expect(await check.isDue(never)).toBe(false);
  expect(asked).toEqual([]);
});

for (const [title, offered, expected] of [
  ['still has another agent', { agent: b, launcher: c }, true],
  ['still has another launcher', { agent: a, launcher: b }, true],
  ['has what runs', { agent: a, launcher: c }, false],
] as const) {
  test(`after a busy server's pause, if it ${title}: ${expected ? 'a' : 'no'} relaunch`, async () => {
    const launch = {
      offered,
      agentMd5: a,
      versions: JSON.stringify({ launcher: { current: c } }),
    };
    const { check, clock } = await upgradeCheck(
      { ...launch, retryUpgradeAt: new FakeClock().now() + 1000 },
      offered,
    );
    expect(await check.isDue(never)).toBe(false);
    await clock.advance(1000);
    expect(await check.isDue(never)).toBe(expected);
  });
}

for (const [title, jumpMs, atMs] of [
  ['set back by a year', -365 * 86_400_000, 1000],
  ['a year behind the launcher that named the time', 0, 365 * 86_400_000],
] as const) {
  test(`with a clock that is ${title}, an offer is asked for again within the hour`, async () => {
    const launch = { offered: { agent: b }, agentMd5: a };
    const retryUpgradeAt = new FakeClock().now() + atMs;
    const { check, clock } = await upgradeCheck({ ...launch, retryUpgradeAt }, { agent: b });
    clock.setNow(clock.now() + jumpMs);
    expect(await check.isDue(never)).toBe(false);
    await clock.advance(3_600_000);
    expect(await check.isDue(never)).toBe(true);
  });
}
