import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Logger } from '@go-agent/runtime';
import { isAlive, type ProcessIdentity, processIdentity, systemClock } from '@go-agent/runtime/core';
import { FakeClock, killLeftovers, leftovers, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { createJobFolder } from '../../journal/job-folder.ts';
import { JournalReader } from '../../journal/journal-reader.ts';
import { JournalWriter } from '../../journal/journal-writer.ts';
import { sampleAssignment } from '../../journal/testing/sample-assignment.ts';
import { parseSettings } from '../settings/parse-settings.ts';
import { giveUpHost } from './give-up-host.ts';
import { BEGIN_LIMIT_MS, HostLink } from './host-link.ts';
import { type JobDependencies, JobRun } from './run-job.ts';

/** A host that is stopped and has a child that goes on, and the folder of the job that it was given. */
async function stuckHost() {
  const home = await tempDir();
  const assignment = sampleAssignment({ home: home.path, buildId: 1 });
  const folder = createJobFolder(home.path, assignment);
  const script = `"$0" -e 'process.stdin.resume(); process.stdout.write("up")' "$1" <&3 & kill -STOP $$`;
  const child = spawn('/bin/sh', ['-c', script, process.execPath, home.path], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  if (child.stdout) await once(child.stdout, 'data');
  const host = processIdentity(child.pid ?? 0);
  if (host === null) throw new Error('There is no host');
  return {
    assignment,
    folder,
    host,
    tree: () => leftovers(home.path).map(({ pid }) => pid),
    async [Symbol.asyncDispose]() {
      await killLeftovers(home.path);
      await home[Symbol.asyncDispose]();
    },
  };
}

function begin(folder: string, host: ProcessIdentity): JournalWriter {
  const container = { marker: 'none', leaders: [] };
  return JournalWriter.begin(
    { folder, clock: systemClock },
    { type: 'started', host, bootId: 'boot', containment: 'session', container },
  );
}

/** Lets the link look again and again, until it has waited this long. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (const end = clock.monotonic() + ms; clock.monotonic() < end; ) {
    await clock.untilSleeping();
    await clock.advance(Math.min(clock.sleeping()[0] ?? 0, end - clock.monotonic()));
  }
}

function linkTo({ folder, host }: { readonly folder: string; readonly host: ProcessIdentity }) {
  const clock = new FakeClock();
  const reader = new JournalReader(folder);
  const link = new HostLink({ folder, reader, clock, bootId: 'boot', onProgress: () => undefined });
  link.expect(host);
  return { clock, link };
}

test('a host that does not begin is named after its time, and not before', async () => {
  await using world = await stuckHost();
  const { clock, link } = linkTo(world);
  let silent: ProcessIdentity | undefined;
  const waiting = link.untilGone(new AbortController().signal).then((host) => (silent = host));
  await pass(clock, BEGIN_LIMIT_MS - 1000);
  expect(silent).toBeUndefined();
  await Promise.race([pass(clock, 2000), waiting]);
  expect(await waiting).toEqual(world.host);
});

test('time that passes while nobody can look does not count against a host', async () => {
  await using world = await stuckHost();
  const { clock, link } = linkTo(world);
  const stop = new AbortController();
  const waiting = link.untilGone(stop.signal);
  await clock.untilSleeping();
  // As when the whole machine is suspended.
  await clock.advance(BEGIN_LIMIT_MS * 10);
  await pass(clock, BEGIN_LIMIT_MS / 2);
  expect(clock.sleeping()).toHaveLength(1);
  stop.abort();
  expect(await waiting).toBeUndefined();
});

test('a host that has begun is waited for as long as it lives, and cannot be given up', async () => {
  await using world = await stuckHost();
  const { folder, host } = world;
  const { clock, link } = linkTo(world);
  const stop = new AbortController();
  const waiting = link.untilGone(stop.signal);
  await pass(clock, BEGIN_LIMIT_MS - 1000);
  await using _journal = begin(folder, host);
  await pass(clock, BEGIN_LIMIT_MS);
  expect(await giveUpHost(host, folder, systemClock)).toBe(false);
  expect(isAlive(host)).toBe(true);
  expect(world.tree()).toHaveLength(2);
  stop.abort();
  expect(await waiting).toBeUndefined();
});

test('the job of a host that does not begin fails with a reason; the host is ended with its tree, and no other is tried', async () => {
  await using world = await stuckHost();
  const { folder, host, assignment } = world;
  const clock = new FakeClock();
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined, child: () => log };
  let starts = 0;
  const assign = () => {
    starts += 1;
    return host;
  };
  const stop = new AbortController();
  const never = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('away'))),
    );
  const deps = {
    clock,
    log: log as unknown as Logger,
    settings: parseSettings({}),
    bootId: 'boot',
    hosts: { assign, warm: () => undefined },
    self: { state: { kind: 'building' } },
    // The server is away.
    session: { outages: 0, establish: never, noteFailure: () => undefined },
  } as unknown as JobDependencies;
  const leave = new AbortController().signal;
  const run = new JobRun(folder, assignment, deps, { leave, stop: stop.signal }, true).run();
  const reader = new JournalReader(folder);
  const end = await waitFor(async () => {
    if (clock.sleeping().length > 0) await clock.advance(clock.sleeping()[0] ?? 0);
    return (await reader.readEvents()).at(-1);
  });
  expect(end).toMatchObject({ type: 'completed', result: 'Failed' });
  const console = await reader.readConsole(0, await reader.consoleLength());
  expect(String(console)).toContain('[go] The job host did not begin within 60 s and was ended.');
  expect(String(console)).toContain('Job completed');
  expect(starts).toBe(1);
  expect(isAlive(host)).toBe(false);
  expect(world.tree()).toEqual([]);
  expect(() => begin(folder, host)).toThrow(`Could not claim ${folder}`);
  stop.abort();
  expect(await run).toBe('left');
});
