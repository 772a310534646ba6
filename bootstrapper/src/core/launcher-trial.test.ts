import { writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '@go-agent/runtime/core';
import { waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { downloaded, quick, supervision } from '../testing/supervision.ts';

/** The one to come back to: writes down whom it is told to have failed, and ends the loop. */
const witness = `
  writeFileSync(request.home + '/failed.json', JSON.stringify(request.failedLaunchers));
  control.report({ phase: 'running' });
  return 0xbadbad;`;

const never = 'await new Promise(() => setInterval(() => {}, 1 << 30));';

for (const [title, body, reason, watchMs] of [
  ['resolves to 1', 'return 1;', /ended with 1 before there was an agent/, 60_000],
  ['says again and again that it is replaced', 'return 60;', /ended with 60 before/, 60_000],
  ['throws', `throw new Error('no luck');`, /no luck/, 60_000],
  ['hangs at once', 'for (;;);', /hangs in phase locking/, 400],
  [
    'hangs with an agent',
    `control.report({ phase: 'running' }); await null; for (;;);`,
    /hangs in phase running/,
    1500,
  ],
  ['never reports', never, /no further than phase locking/, 1500],
  [
    'never gets beyond its checks',
    `control.report({ phase: 'checking' }); ${never}`,
    /no further than phase checking/,
    1500,
  ],
  [
    'fills its heap until it is found to hang, or to have none left',
    `const all = []; for (;;) { const x = []; for (let i = 0; i < 1000; i++) x.push({ i }); all.push(x); }`,
    /memory|hangs/,
    400,
  ],
  [
    'has an agent accepted and then crashes',
    `control.report({ phase: 'running', detail: 'registered' }); setTimeout(() => { throw new Error('later'); }, 20); ${never}`,
    /later/,
    60_000,
  ],
] as const) {
  test(`a new launcher that ${title} gives way, after three tries, to the one before, which is told`, async () => {
    const { folder, home, bundle, run, launchedMd5s } = await supervision(witness, watchMs);
    await using _ = folder;
    const next = await downloaded(home, bundle.md5, body);
    expect(await run(quick)).toMatchObject({ type: 'refused' });
    expect(launchedMd5s()).toEqual([next.md5, next.md5, next.md5, bundle.md5]);
    const failed = JSON.parse(await readFile(join(home, 'failed.json'), 'utf8')) as object[];
    expect(failed).toEqual([
      expect.objectContaining({ md5: next.md5, unproven: false, reason: expect.stringMatching(reason) }),
    ]);
  });
}

test('a new launcher whose agent no server accepts gives way once, and the one before is told of the doubt', async () => {
  const { folder, home, bundle, failures, run, launchedMd5s } = await supervision(witness, 1500);
  await using _ = folder;
  const next = await downloaded(home, bundle.md5, `control.report({ phase: 'running' }); ${never}`);
  await run(quick);
  expect(launchedMd5s()).toEqual([next.md5, bundle.md5]);
  expect(JSON.parse(await readFile(join(home, 'failed.json'), 'utf8'))).toMatchObject([
    { md5: next.md5, unproven: true },
  ]);
  expect([...failures.keys()]).toEqual([]);
});

test('a launcher that has proved itself is never given up, nor the last one there is', async () => {
  const { folder, home, bundle, run, launchedMd5s, stop, outcomes } = await supervision('return 1;');
  await using _ = folder;
  const next = await downloaded(home, bundle.md5, 'return 1;');
  const state = { current: next.md5, lastGood: next.md5, carriedMd5: bundle.md5 };
  await writeFile(join(home, 'data', 'state.json'), JSON.stringify({ launcher: state }));
  const done = run(quick);
  await waitFor(() => outcomes().length >= 5);
  stop.abort(new Error('enough'));
  await done;
  expect(new Set(launchedMd5s())).toEqual(new Set([next.md5]));
});

test('a launcher that takes its bootstrapper with it three times is not tried a fourth time', async () => {
  const { folder, home, bundle, failures, run, launchedMd5s } = await supervision(witness);
  await using _ = folder;
  const next = await downloaded(home, bundle.md5, 'return 1;');
  // As it was noted before each launch, and never taken back.
  failures.set(next.md5, { count: 3, reason: 'The bootstrapper ended with it' });
  await run(quick);
  expect(launchedMd5s()).toEqual([bundle.md5]);
});

test('a launcher that is stopped on purpose has not failed', async () => {
  const { folder, home, bundle, events, failures, run, stop } = await supervision(witness);
  await using _ = folder;
  await downloaded(
    home,
    bundle.md5,
    `control.report({ phase: 'checking' }); await untilStopped(control); return 0;`,
  );
  const done = run();
  await waitFor(() => events.some(({ type }) => type === 'status'));
  stop.abort(new Error('enough'));
  await done;
  expect([...failures]).toEqual([]);
});

test('messages for the agent reach the launcher that runs, those that came before it listened too', async () => {
  const { folder, home, run } = await supervision(`
    const got = [];
    while (!existsSync(request.home + '/sent')) await new Promise(setImmediate);
    await new Promise((resolve) => control.listen((message) => got.push(message.type) === 2 && resolve()));
    writeFileSync(request.home + '/got.json', JSON.stringify(got));
    return 0xbadbad;`);
  await using _ = folder;
  await run(systemClock, (send) => {
    send({ type: 'drain' });
    send({ type: 'resume' });
    writeFileSync(join(home, 'sent'), '');
  });
  expect(JSON.parse(await readFile(join(home, 'got.json'), 'utf8'))).toEqual(['drain', 'resume']);
});
