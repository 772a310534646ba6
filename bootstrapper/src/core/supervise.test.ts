import { execFileSync } from 'node:child_process';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchOutcome } from '@go-agent/protocol/launch-contract';
import { type Clock, systemClock } from '@go-agent/runtime/core';
import { FakeClock, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { fixtureLauncher } from '../testing/fixture-launcher.ts';
import { supervision } from '../testing/supervision.ts';

test('a launcher runs in a thread with its request, tells how far it is, and ends when asked to', async () => {
  const { folder, events, stop, run, home } = await supervision(`
    control.report({ phase: 'running', detail: request.settings.colour + ' ' + request.contract });
    await untilStopped(control);
    return 0;`);
  await using _ = folder;
  const done = run();
  await waitFor(() => events.some((event) => event.type === 'status' && event.status.detail === 'blue 1'));
  stop.abort(new Error('enough'));
  expect(await done).toEqual({ type: 'asked' });
  expect((await readdir(join(home, 'data'))).filter((name) => name.endsWith('-agent-launcher'))).toEqual([]);
});

test('0xBADBAD ends the loop for good, with what the launcher said last', async () => {
  const { folder, run } = await supervision(`
    control.report({ phase: 'locking', detail: 'somebody else is here' });
    return 0xbadbad;`);
  await using _ = folder;
  expect(await run()).toEqual({ type: 'refused', message: 'somebody else is here' });
});

test('a launcher that puts another in place and returns 60 is followed by that one at once', async () => {
  const { folder, home, bundle, run, launchedMd5s } = await supervision(`
    const launcher = { current: readFileSync(request.home + '/next.md5', 'utf8'), carriedMd5: request.launcherMd5 };
    writeFileSync(request.home + '/data/state.json', JSON.stringify({ launcher }));
    return 60;`);
  await using _ = folder;
  const body = `control.report({ phase: 'locking', detail: 'the new one' }); return 0xbadbad;`;
  const next = fixtureLauncher(join(home, 'next.zip'), body, '2');
  await writeFile(join(home, 'data', 'launcher', `${next.md5}.zip`), await readFile(next.file));
  await writeFile(join(home, 'next.md5'), next.md5);
  // A clock that stands still: there is no wait between the two.
  expect(await run(new FakeClock())).toEqual({ type: 'refused', message: 'the new one' });
  expect(launchedMd5s()).toEqual([bundle.md5, next.md5]);
});

for (const [title, body] of [
  ['throws', `throw new Error('broken');`],
  [
    'throws outside of its main',
    `setImmediate(() => { throw new Error('broken'); }); await new Promise(() => {});`,
  ],
  ['ends its thread', `process.exit(0);`],
] as const) {
  test(`a launcher that ${title} has failed, and is launched again after a growing wait`, async () => {
    const { folder, run, stop, outcomes } = await supervision(body);
    await using _ = folder;
    const clock = new FakeClock();
    const done = run(clock);
    await waitFor(() => outcomes().length === 1);
    await clock.advance(1_000);
    await waitFor(() => outcomes().length === 2);
    await clock.advance(1_000);
    expect(outcomes()).toHaveLength(2);
    await clock.advance(1_000);
    await waitFor(() => outcomes().length === 3);
    stop.abort(new Error('enough'));
    await done;
    expect(outcomes()).toEqual(Array.from({ length: 3 }, () => LaunchOutcome.launcherFailed));
  });
}

test('a damaged downloaded launcher is passed over for the last good one, and that for the carried one', async () => {
  const { folder, home, bundle, events, run, launchedMd5s } = await supervision('return 0xbadbad;');
  await using _ = folder;
  const good = fixtureLauncher(join(home, 'good.zip'), 'return 0xbadbad;', '2');
  const bad = 'b'.repeat(32);
  await writeFile(join(home, 'data', 'launcher', `${bad}.zip`), 'not a zip');
  await writeFile(join(home, 'data', 'launcher', `${good.md5}.zip`), await readFile(good.file));
  const state = { launcher: { current: bad, lastGood: good.md5, carriedMd5: bundle.md5 } };
  await writeFile(join(home, 'data', 'state.json'), JSON.stringify(state));
  await run();
  await writeFile(join(home, 'data', 'launcher', `${good.md5}.zip`), 'gone bad');
  await run();
  expect(launchedMd5s()).toEqual([good.md5, bundle.md5]);
  const passedOver = events.flatMap((event) =>
    event.type === 'launching' ? [event.launcher.passedOver.length] : [],
  );
  expect(passedOver).toEqual([1, 2]);
});

test('another carried launcher than before counts for more than a downloaded one', async () => {
  const { folder, home, bundle, run, launchedMd5s } = await supervision('return 0xbadbad;');
  await using _ = folder;
  const old = fixtureLauncher(join(home, 'old.zip'), 'return 0xbadbad;', '2');
  await writeFile(join(home, 'data', 'launcher', `${old.md5}.zip`), await readFile(old.file));
  const state = { launcher: { current: old.md5, carriedMd5: 'c'.repeat(32) } };
  await writeFile(join(home, 'data', 'state.json'), JSON.stringify(state));
  await run();
  expect(launchedMd5s()).toEqual([bundle.md5]);
});

test('a launcher that does not end when asked to is ended at its deadline, or at once on the second request', async () => {
  const deaf = `control.report({ phase: 'running' }); await new Promise(() => setInterval(() => {}, 1 << 30));`;
  for (const how of ['deadline', 'kill'] as const) {
    const { folder, events, stop, kill, run } = await supervision(deaf, 86_400_000);
    await using _ = folder;
    const clock = new FakeClock();
    const done = run(clock);
    await waitFor(() => events.some(({ type }) => type === 'status'));
    stop.abort(new Error('please'));
    if (how === 'kill') kill.abort(new Error('now'));
    else await clock.advance(45_000);
    expect(await done).toEqual({ type: 'asked' });
  }
});

test('nothing waits for the end of a launcher that hangs where nothing can break it off, once it is to be killed', async () => {
  const { folder, home, events, stop, kill, run } = await supervision(
    `control.report({ phase: 'running' }); readFileSync(request.home + '/never-written');`,
    86_400_000,
  );
  await using _ = folder;
  const fifo = join(home, 'never-written');
  execFileSync('mkfifo', [fifo]);
  // It has 5 s to end by itself.
  const clock: Clock = {
    ...systemClock,
    sleep: (ms, signal) => systemClock.sleep(ms === 5000 ? 0 : ms, signal),
  };
  try {
    const done = run(clock);
    await waitFor(() => events.some(({ type }) => type === 'status'));
    stop.abort(new Error('please'));
    kill.abort(new Error('now'));
    expect(await done).toEqual({ type: 'asked' });
  } finally {
    // So that the thread can end.
    await (await open(fifo, 'r+')).close();
  }
});

test('no timer of a launcher that is watched for months fires all the time', async () => {
  const { folder, run } = await supervision(
    `const warning = await new Promise((resolve) => {
      process.once('warning', ({ message }) => resolve(message));
      setImmediate(resolve, 'none');
    });
    control.report({ phase: 'locking', detail: warning });
    return 0xbadbad;`,
    365 * 86_400_000,
  );
  await using _ = folder;
  expect(await run()).toEqual({ type: 'refused', message: 'none' });
});
