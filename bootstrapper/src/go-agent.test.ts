// The commands, as processes, with launchers made for the purpose.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ExitCode } from '@go-agent/protocol/launch-contract';
import { isAlive } from '@go-agent/runtime/core';
import { fillDisk, smallDisk, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { homeFiles } from './home-files.ts';
import { commandWorld, quiet } from './testing/command-world.ts';

test('start, status, logs and stop: each says what is, and with which exit code', async () => {
  await using go = await commandWorld();
  expect(await go.command('status')).toMatchObject({ code: ExitCode.notRunning });
  expect(await go.start()).toMatchObject({
    code: ExitCode.ok,
    out: expect.stringMatching(/runs in .*pid \d+/),
  });
  expect(await go.start()).toMatchObject({ code: ExitCode.ok, out: expect.stringMatching(/runs already/) });
  const status = await go.command('status', '--json');
  expect(status.code).toBe(ExitCode.ok);
  expect(JSON.parse(status.out)).toMatchObject({
    running: true,
    phase: 'running',
    restarts: 0,
    launcher: { source: 'carried' },
  });
  expect((await go.command('logs', '--component', 'bootstrapper')).out).toMatch(/"msg":"Launcher: running"/);
  expect(await go.command('stop')).toMatchObject({
    code: ExitCode.ok,
    out: expect.stringMatching(/ended by itself/),
  });
  expect(await go.command('stop')).toMatchObject({ code: ExitCode.notRunning });
  expect(await go.command('status')).toMatchObject({ code: ExitCode.notRunning });
});

test('an agent starts on a full disk, since there is room that was kept for that, and keeps some again later', async ({
  skip,
}) => {
  const disk = await smallDisk('80m');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  await using go = await commandWorld(quiet, disk);
  const reserve = join(go.home, 'data', 'reserve');
  const ballast = join(go.folder, 'ballast');
  const runOnce = async () => {
    const child = go.spawnRun();
    await waitFor(async () => (await go.running()).process.pid === child.pid);
    child.kill('SIGTERM');
    await once(child, 'exit');
    return existsSync(reserve);
  };
  expect(await runOnce()).toBe(true);
  fillDisk(ballast);
  expect(await runOnce()).toBe(false);
  await rm(ballast);
  expect(await runOnce()).toBe(true);
});

test('SIGTERM ends a run in the foreground properly, with exit code 0', async () => {
  await using go = await commandWorld();
  const child = go.spawnRun();
  await go.running();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([ExitCode.ok, null]);
});

test('a run ends, at the second request, also if its launcher hangs where nothing can break it off', async () => {
  await using go = await commandWorld(
    `control.report({ phase: 'running' }); readFileSync(request.home + '/never-written');`,
  );
  await mkdir(go.home);
  execFileSync('mkfifo', [join(go.home, 'never-written')]);
  const child = go.spawnRun();
  await go.running();
  child.kill('SIGINT');
  const log = homeFiles(go.home).log('bootstrapper');
  await waitFor(async () => (await readFile(log, 'utf8')).includes('Asked to stop'));
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(await readFile(log, 'utf8')).toContain('go-agent has stopped');
});

test('a second run in the same home is refused with exit code 4 and a reason; the first does not notice', async () => {
  await using go = await commandWorld();
  const first = go.spawnRun();
  const before = await go.running();
  const second = go.spawnRun();
  const [err, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')]);
  expect(code).toBe(ExitCode.locked);
  expect(err).toContain(`held by pid ${first.pid}`);
  expect(await go.status()).toEqual(before);
  expect(isAlive(before.process)).toBe(true);
});

test('after kill -9 of the bootstrapper, start works at once', async () => {
  await using go = await commandWorld();
  const child = go.spawnRun();
  const before = await go.running();
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(await go.command('status')).toMatchObject({ code: ExitCode.notRunning });
  expect(await go.start()).toMatchObject({ code: ExitCode.ok });
  expect((await go.status())?.process.pid).not.toBe(before.process.pid);
});

test.skipIf(process.platform === 'win32')(
  'start brings back a bootstrapper that crashes, until stop',
  async () => {
    await using go = await commandWorld();
    await go.start();
    const first = (await go.running()).process.pid;
    process.kill(first, 'SIGABRT');
    const second = await waitFor(async () => {
      const status = await go.status();
      return status?.phase === 'running' && status.process.pid !== first && status;
    });
    expect(await go.command('stop')).toMatchObject({ code: ExitCode.ok });
    await waitFor(() => [second.process, second.guard!].every((one) => !isAlive(one)));
  },
);

test.skipIf(process.platform === 'win32')(
  'stop also stops what would bring a crashed bootstrapper back',
  async () => {
    await using go = await commandWorld();
    await go.start();
    const { process: crashes, guard } = await go.running();
    process.kill(crashes.pid, 'SIGABRT');
    await waitFor(() => !isAlive(crashes));
    await go.command('stop');
    await waitFor(() => !isAlive(guard!));
  },
);

test('a status of a process whose pid another one has now is that of a dead one', async () => {
  await using go = await commandWorld();
  await go.start();
  await go.command('stop');
  const file = join(go.home, 'data', 'bootstrapper.json');
  const status = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...status, process: { pid: process.pid, startTime: 1 } }));
  expect(await go.command('status')).toMatchObject({ code: ExitCode.notRunning });
  // Were it taken for alive, this would signal the test's own process.
  expect(await go.command('stop')).toMatchObject({ code: ExitCode.notRunning });
});

test('start reports a refusal, and leaves nothing running', async () => {
  await using go = await commandWorld(
    `control.report({ phase: 'locking', detail: 'the home is taken' }); return 0xbadbad;`,
  );
  expect(await go.start()).toMatchObject({
    code: ExitCode.locked,
    err: expect.stringMatching(/the home is taken/),
  });
});

test('stop insists with a bootstrapper whose launcher does not listen', async () => {
  await using go = await commandWorld(
    `control.report({ phase: 'running' }); await new Promise(() => setInterval(() => {}, 1 << 30));`,
  );
  await go.start();
  expect(await go.command('stop', '--timeout', '0.2')).toMatchObject({
    code: ExitCode.ok,
    out: expect.stringMatching(/at once/),
  });
});

test('stop waits no longer once it is interrupted; what it has begun goes on', async () => {
  await using go = await commandWorld(
    `control.report({ phase: 'running' });
    await untilStopped(control);
    while (!existsSync(request.home + '/may-end')) await new Promise(setImmediate);
    return 0;`,
  );
  const run = go.spawnRun();
  await go.running();
  const ended = once(run, 'exit');
  const stop = go.spawnCommand(['stop', '--home', go.home, '--timeout', '86400']);
  const log = homeFiles(go.home).log('bootstrapper');
  await waitFor(async () => (await readFile(log, 'utf8')).includes('Asked to stop'));
  stop.kill('SIGINT');
  const [err, [code]] = await Promise.all([text(stop.stderr), once(stop, 'exit')]);
  expect([code, err]).toEqual([ExitCode.failed, expect.stringMatching(/is not waited for any longer/)]);
  await writeFile(join(go.home, 'may-end'), '');
  expect(await ended).toEqual([ExitCode.ok, null]);
});

test('wrong usage has exit code 2 and says what is wrong', async () => {
  await using go = await commandWorld();
  for (const [args, reason] of [
    [['run'], /--server-url/],
    [['run', '--server-url', 'http://x/'], /must end with '\/go'/],
    [['run', '--server-url', 'http://x/go', '--set', 'nonsense'], /name=value/],
    [['run', '--server-url', 'http://x/go', '--set', 'auto-register-key=abc'], /secret/],
    [['fly'], /unknown command/],
    [['logs', '--component', 'server'], /bootstrapper, launcher, agent/],
  ] as const) {
    const { code, err } = await go.command(...args);
    expect(code).toBe(ExitCode.usage);
    expect(err).toMatch(reason);
  }
});

test('a home folder that cannot be made is an error that names the option', async () => {
  await using go = await commandWorld();
  for (const name of ['run', 'start']) {
    const args = [name, '--home', '/dev/null/x', '--server-url', 'http://x/go'];
    const child = go.spawnCommand(args);
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(ExitCode.failed);
    expect(err).toMatch(
      /^go-agent: \/dev\/null\/x cannot be the home folder\. Name .*--home <folder>.*ENOTDIR/,
    );
  }
});

test('help of each command has an example and the exit codes', async () => {
  await using go = await commandWorld();
  for (const name of ['run', 'start', 'stop', 'status', 'logs']) {
    const { code, out } = await go.command(name, '--help');
    expect(code).toBe(ExitCode.ok);
    expect(out).toMatch(/Example:\n +go-agent/);
    expect(out).toMatch(/Exit codes: 0 done/);
  }
});
