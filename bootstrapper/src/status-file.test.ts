import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processPlace } from '@go-agent/runtime/core';
import { FakeClock, tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { SupervisorEvent } from './core/supervise.ts';
import type { BootstrapperStatus } from './status.ts';
import { StatusFile } from './status-file.ts';

const initial: BootstrapperStatus = {
  version: 1,
  process: { pid: process.pid, startTime: 1 },
  since: new Date(0).toISOString(),
  home: '/home/agent',
  serverUrl: 'http://localhost/go',
  bootstrapperVersion: '1',
  phase: 'starting',
  restarts: 0,
  crashLoop: false,
};

test('a crash loop ends after a minute of running, also if the clock is set back by a year meanwhile', async () => {
  await using folder = await tempDir();
  const clock = new FakeClock();
  const file = new StatusFile(join(folder.path, 'status.json'), clock, { ...initial, crashLoop: true });
  const launcher = { md5: 'a', version: '1', source: 'carried' };
  file.update({ type: 'launching', launcher, folder: '' } as unknown as SupervisorEvent);
  file.update({ type: 'status', status: { phase: 'running', agentPid: 7 } });
  clock.setNow(clock.now() - 365 * 86_400_000);
  await clock.advance(59_999);
  expect(file.current.crashLoop).toBe(true);
  await clock.advance(1);
  expect(file.current.crashLoop).toBe(false);
  await file.settled();
});

test('the status of a bootstrapper in another container stays until its lock is had', async () => {
  await using folder = await tempDir();
  const path = join(folder.path, 'status.json');
  const place = { ...(await processPlace()), pidNamespace: 'pid:[1]' };
  const theirs = JSON.stringify({ ...initial, process: { pid: 2 ** 22, startTime: 1 }, place });
  await writeFile(path, theirs);
  const file = new StatusFile(path, new FakeClock(), initial);
  file.update({ type: 'status', status: { phase: 'locking' } });
  await file.settled();
  expect(await readFile(path, 'utf8')).toBe(theirs);
  file.update({ type: 'status', status: { phase: 'checking' } });
  await file.settled();
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ process: initial.process });
});
