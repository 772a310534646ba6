import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '@go-agent/runtime/core';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { HostPool } from './host-pool.ts';

/** Leaves its pid in the name of a file `here`, and what it was given in one called `given` once that has ended. */
const HOST = `
  import { renameSync, writeFileSync } from 'node:fs';
  import { text } from 'node:stream/consumers';
  writeFileSync('here-' + process.pid, '');
  writeFileSync('part-' + process.pid, await text(process.stdin));
  renameSync('part-' + process.pid, 'given-' + process.pid);
`;

/** Goes on when its input has ended. */
const DEAF_HOST = `
  import { writeFileSync } from 'node:fs';
  writeFileSync('deaf-' + process.pid, '');
  setInterval(() => undefined, 60_000);
`;

async function pool(spareHostIdleMs: number, runtime = process.execPath) {
  const home = await tempDir();
  const hostEntry = join(home.path, 'host.mjs');
  await writeFile(hostEntry, HOST);
  const clock = new FakeClock();
  const hosts = new HostPool({
    runtime: [runtime],
    hostEntry,
    home: home.path,
    environment: {},
    errorLog: join(home.path, 'errors.log'),
    settings: { spareHostIdleMs },
    clock,
  });
  const pids = async (kind: 'here' | 'given' | 'deaf') =>
    (await readdir(home.path)).flatMap((name) =>
      name.startsWith(`${kind}-`) ? [Number(name.split('-')[1])] : [],
    );
  return {
    clock,
    hosts,
    errorLog: join(home.path, 'errors.log'),
    pids,
    deaf: () => writeFile(hostEntry, DEAF_HOST),
    given: (pid: number) => readFile(join(home.path, `given-${pid}`), 'utf8'),
    async [Symbol.asyncDispose]() {
      await hosts[Symbol.asyncDispose]();
      await waitFor(async () => (await pids('here')).length === (await pids('given')).length);
      await home[Symbol.asyncDispose]();
    },
  };
}

test('a spare host for which no job comes is ended in time; the next job starts one, and then there is a spare again', async () => {
  await using world = await pool(600_000);
  const { hosts, clock, pids, given } = world;
  hosts.tend();
  await waitFor(async () => (await pids('here')).length === 1);
  const [first = 0] = await pids('here');
  await clock.advance(599_999);
  hosts.tend();
  await clock.advance(1);
  hosts.tend();
  await waitFor(async () => (await pids('given')).includes(first));
  expect(await given(first)).toBe('');
  hosts.tend();
  const second = hosts.assign('/journal')?.pid ?? 0;
  await waitFor(async () => (await pids('given')).includes(second));
  expect(JSON.parse(await given(second))).toEqual({ journal: '/journal' });
  expect(new Set(await pids('here'))).toEqual(new Set([first, second]));
  hosts.tend();
  await waitFor(async () => (await pids('here')).length === 3);
});

test('a job that took long leaves a spare host, and 0 keeps one for ever', async () => {
  for (const idleMs of [600_000, 0]) {
    await using world = await pool(idleMs);
    const { hosts, clock, pids } = world;
    const job = hosts.assign('/journal')?.pid ?? 0;
    await clock.advance(3_600_000);
    hosts.warm();
    hosts.tend();
    await waitFor(async () => (await pids('here')).length === 2);
    if (idleMs > 0) continue;
    await clock.advance(3_600_000);
    hosts.tend();
    const [spare = 0] = (await pids('here')).filter((pid) => pid !== job);
    expect(hosts.assign('/other')?.pid).toBe(spare);
  }
});

test('with the pool its spare host is gone, also one that does not end by itself', async () => {
  await using world = await pool(0);
  const { hosts, clock, pids, given, deaf } = world;
  hosts.warm();
  await waitFor(async () => (await pids('here')).length === 1);
  await hosts[Symbol.asyncDispose]();
  const [spare = 0] = await pids('here');
  expect(await given(spare)).toBe('');
  expect(isAlive({ pid: spare, startTime: null })).toBe(false);
  await deaf();
  hosts.warm();
  const pid = await waitFor(async () => (await pids('deaf')).at(0));
  const gone = hosts[Symbol.asyncDispose]();
  await clock.advance(2000);
  await gone;
  expect(isAlive({ pid, startTime: null })).toBe(false);
});

test('a host starts also where its error log cannot be opened', async () => {
  await using world = await pool(0);
  const { hosts, errorLog, pids, given } = world;
  await mkdir(errorLog);
  const host = hosts.assign('/journal')?.pid ?? 0;
  await waitFor(async () => (await pids('given')).includes(host));
  expect(JSON.parse(await given(host))).toEqual({ journal: '/journal' });
});

test('what hosts print is kept in two files at most', async () => {
  await using world = await pool(0);
  const { hosts, errorLog } = world;
  await writeFile(`${errorLog}.1`, 'oldest');
  await writeFile(errorLog, '');
  await truncate(errorLog, 10 * 1024 ** 2);
  hosts.warm();
  expect(await readFile(`${errorLog}.1`, 'utf8')).toBe('oldest');
  await truncate(errorLog, 10 * 1024 ** 2 + 1);
  hosts.assign('/journal');
  hosts.warm();
  expect((await stat(`${errorLog}.1`)).size).toBe(10 * 1024 ** 2 + 1);
  expect((await stat(errorLog)).size).toBe(0);
});

test('a host that the system does not even try to start is one that is missing', async () => {
  // Thrown, as a lack of memory is.
  await using world = await pool(600_000, '/dev/null/node');
  const { hosts } = world;
  hosts.tend();
  expect(hosts.assign('/journal')).toBeUndefined();
});
