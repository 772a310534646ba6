import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { openContainer, processIdentity, systemClock } from '@go-agent/runtime/core';
import { smallDisk, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { JOURNAL } from '../journal/format.ts';
import { jsonLine, readJsonLines } from '../journal/json-lines.ts';
import { rehearse } from './rehearse.ts';
import { shell, type TestJob, testJob, variable } from './testing/test-job.ts';

function startHost(cwd: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const program = `import(${JSON.stringify(import.meta.resolve('./main.ts'))}).then((host) => host.main()).then((code) => process.exit(code))`;
  const stdio = ['pipe', 'ignore', 'pipe'] as const;
  return spawn(process.execPath, ['-e', program], {
    cwd,
    detached: true,
    stdio: [...stdio],
    env: { ...process.env, ...env },
  });
}

/** Of the jobs that `startHost` runs. */
async function result(job: TestJob): Promise<unknown> {
  const last = (await job.events()).at(-1);
  return last?.type === 'completed' ? last.result : undefined;
}

test('a spare ends when its courier goes away', async () => {
  await using job = await testJob();
  const host = startHost(job.home);
  host.stdin?.end();
  expect(await once(host, 'exit')).toEqual([0, null]);
});

test('a spare has rehearsed, and leaves nothing of that, nor of the rehearsal of one that was killed', async () => {
  await using job = await testJob();
  const data = join(job.home, 'data');
  // No process can have this number.
  await mkdir(join(data, 'rehearsal-4194304-1', 'jobs'), { recursive: true });
  const seen = new Set<string | null>();
  const watcher = watch(data, (_event, name) => seen.add(name));
  const host = startHost(job.home);
  await waitFor(() => [...seen].some((name) => name?.startsWith(`rehearsal-${host.pid}-`)));
  host.stdin?.end();
  expect(await once(host, 'exit')).toEqual([0, null]);
  watcher.close();
  expect(await readdir(data)).toEqual([]);
});

test('a rehearsal does not make a home anew that has been removed', async () => {
  await using job = await testJob();
  const home = join(job.home, 'removed');
  const { signal } = new AbortController();
  await rehearse({ home, env: {}, level: 'session', clock: systemClock, signal });
  await expect(stat(home)).rejects.toThrow('ENOENT');
});

test('a rehearsal ends where the disk gets full in the middle of it', async () => {
  const { signal } = new AbortController();
  for (const size of ['4k', '8k', '12k', '16k']) {
    await using disk = await smallDisk(size);
    if (disk === undefined) return;
    await rehearse({ home: disk.path, env: {}, level: 'session', clock: systemClock, signal });
    expect(await readdir(join(disk.path, 'data'))).toEqual([]);
  }
});

test('a host outlives its courier, and the signals of a terminal', async () => {
  await using job = await testJob({
    assignment: { builders: [shell('echo up; while [ ! -e go ]; do sleep 0.05; done; echo done')] },
  });
  const host = startHost(job.home);
  host.stdin?.end(jsonLine({ journal: job.folder }));
  await waitFor(async () => (await stat(join(job.folder, JOURNAL.console)).catch(() => null)) !== null);
  await job.untilConsoleHas('&1|up');
  host.stderr?.destroy();
  for (const signal of ['SIGHUP', 'SIGINT'] as const) host.kill(signal);
  const exited = once(host, 'exit');
  spawn('/bin/sh', ['-c', `touch ${join(job.workingDir, 'go')}`]);
  expect(await exited).toEqual([0, null]);
  expect(await result(job)).toBe('Passed');
  expect(await job.console()).toContain('&1|done\n');
});

test('what a job keeps running outlives its host and the start of the next, and what it does not keep does not', async () => {
  for (const keep of ['yes', '']) {
    const properties = [variable('GO_AGENT_KEEP_PROCESSES', keep)];
    const builders = [shell('setsid sleep 300 > /dev/null 2>&1 & echo $!')];
    await using job = await testJob({ assignment: { builders, initialContext: { properties } } });
    const host = startHost(job.home);
    host.stdin?.end(jsonLine({ journal: job.folder }));
    expect(await once(host, 'exit')).toEqual([0, null]);
    expect(await result(job)).toBe('Passed');
    const pid = Number(/&1\|(\d+)\n/.exec(await job.console())?.[1]);
    // As the next host does it.
    await openContainer({ scope: job.home })[Symbol.asyncDispose]();
    const isLeft = processIdentity(pid) !== null;
    if (isLeft) process.kill(pid, 'SIGKILL');
    expect(isLeft).toBe(keep === 'yes');
  }
});

test('tells its progress over host.sock and takes a cancel from there', async () => {
  await using job = await testJob({ assignment: { builders: [shell('echo up; sleep 300')] } });
  const host = startHost(job.home);
  host.stdin?.end(jsonLine({ journal: job.folder }));
  const path = join(job.folder, JOURNAL.hostSocket);
  const { mode } = await waitFor(() => stat(path).catch(() => null));
  expect(mode & 0o077).toBe(0);
  await waitFor(async () => (await job.console().catch(() => '')).includes('&1|up'));
  const courier = connect(path);
  const exited = once(host, 'exit');
  const messages: unknown[] = [];
  for await (const message of readJsonLines(courier)) {
    if (messages.length === 0) courier.write(jsonLine({ type: 'cancel', reason: 'agent-stopping' }));
    messages.push(message);
  }
  expect(messages[0]).toMatchObject({ type: 'progress' });
  expect(messages.at(-1)).toEqual({ type: 'progress', events: 5, console: (await job.rawConsole()).length });
  expect(await exited).toEqual([0, null]);
  expect((await job.events()).at(-1)).toMatchObject({ result: 'Cancelled', reason: 'agent-stopping' });
});

test('a second host leaves a job alone that has one', async () => {
  await using job = await testJob({ assignment: { builders: [shell('echo once')] } });
  const env = { TMPDIR: job.workingDir };
  for (const code of [0, 1]) {
    const host = startHost(job.home, env);
    host.stdin?.end(jsonLine({ journal: job.folder }));
    expect(await once(host, 'exit')).toEqual([code, null]);
  }
  expect((await job.console()).match(/^&1\|once$/gm)).toHaveLength(1);
  expect(await readdir(job.workingDir)).toEqual([]);
});
