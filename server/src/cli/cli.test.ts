import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { systemClock } from '@go-agent/runtime';
import { tempDir, waitFor } from '@go-agent/runtime/testing';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { JOB, scriptedCore } from '../testing/scripted-core.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';
import { buildProgram, runCli } from './cli.ts';
import type { CliContext } from './cli-context.ts';

const MAIN = join(import.meta.dirname, '../main.ts');

interface Run {
  readonly result: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  { server, stdin = '' }: { server?: TestServer; stdin?: string } = {},
): Promise<Run> {
  let out = '';
  let err = '';
  const all = server === undefined ? args : [...args, '--server-url', server.server.url];
  const result = await runCli(all, {
    ...contextOf({ GO_SERVER_TOKEN: server?.token }),
    readInput: async () => stdin,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { result, out, err };
}

function contextOf(env: CliContext['env'] = {}): CliContext {
  return {
    env,
    cwd: '/',
    pid: 1,
    clock: systemClock,
    stop: new AbortController().signal,
    readInput: async () => '',
    out: () => undefined,
    err: () => undefined,
  };
}

function commandPaths(command: Command, above = ''): string[] {
  return command.commands.flatMap((one) => [
    `${above}${one.name()}`,
    ...commandPaths(one, `${above}${one.name()} `),
  ]);
}

test('each command has a help with an example and its exit codes', async () => {
  const walked = ['', ...commandPaths(buildProgram(contextOf(), () => undefined))];
  expect(walked).toEqual(
    expect.arrayContaining(['start', 'logs', 'rollout', 'rollout status', 'release add']),
  );
  for (const path of walked) {
    const { result, out } = await run([...path.split(' ').filter(Boolean), '--help']);
    expect(result).toBe(0);
    expect(out.slice(out.indexOf('Example:'))).toContain(`go-server ${path}`);
    expect(out, path).toMatch(/^Exit codes: 0 /m);
  }
  expect((await run(['version'])).out).toMatch(/^go-server \d/);
  expect((await run(['no-such-command'])).result).toBe(2);
  expect((await run(['start', '--port', 'x', '--tls-port', '70000'])).err).toMatch(
    /--port must be .*--tls-port must be/,
  );
});

test('agents are listed with their states, or as JSON', async () => {
  await using server = await testServer();
  const { out } = await run(['agents'], { server });
  expect(out).toMatch(/^STATE +HOST/);
  expect(out).toMatch(/preparing +build-7 +app\/test\/unit +linux/);
  expect(JSON.parse((await run(['agents', '--json'], { server })).out)).toHaveProperty('_embedded');
});

test('what the server refuses, and a server that is not there, are errors with a remedy', async () => {
  await using server = await testServer();
  expect(await run(['trigger', 'none'], { server })).toMatchObject({
    result: 1,
    err: expect.stringContaining("'none' was not found"),
  });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const gone = await run(['agents', '--server-url', `http://127.0.0.1:${port}/go`]);
  expect(gone).toMatchObject({ result: 1, err: expect.stringContaining('is the server running') });
  expect((await run(['trigger', 'app', '--var', 'novalue'], { server })).result).toBe(2);
});

test('a command that cannot be understood names the option that is to be put right', async () => {
  await using server = await testServer(scriptedCore(), { requireLogin: true });
  const url = server.server.url;
  const noPath = await run(['agents', '--server-url', url.replace(/\/go$/, '')]);
  expect(noPath).toMatchObject({
    result: 2,
    err: expect.stringMatching(/GO_SERVER_URL.* must .* ends with \/go/),
  });
  for (const locator of ['app', 'app/x/test/1/unit', 'app/1//1/unit', 'app/1/test/1/unit/more'])
    expect(await run(['logs', locator], { server })).toMatchObject({
      result: 2,
      err: expect.stringContaining('pipeline/counter/stage/counter/job'),
    });
  expect(await run(['agents', '--token-file', '/nope'], { server })).toMatchObject({
    result: 2,
    err: expect.stringMatching(/--token-file must name a file with the admin token: ENOENT.*\/nope/),
  });
  expect(await run(['agents', '--token-file', '/dev/null'], { server })).toMatchObject({ result: 2 });
  expect(await run(['agents', '--server-url', url])).toMatchObject({
    result: 1,
    err: expect.stringMatching(/GO_SERVER_TOKEN.*--token-file/),
  });
  const wrong = await runCli(['agents', '--server-url', url], contextOf({ GO_SERVER_TOKEN: 'wrong' }));
  expect(wrong).toBe(1);
});

test('logs -f prints what comes, once, without tags, and ends with the job', async () => {
  let job = JOB;
  let seal: () => Promise<void> = async () => undefined;
  const core = scriptedCore({ pipelines: { findJob: async () => job, job: async () => job } });
  await using server = await testServer(core, {}, (files) => {
    seal = () => files.seal(job);
  });
  const put = (body: string) =>
    server.asAgent('/remoting/files/app/7/test/1/unit/cruise-output/console.log?buildId=42', {
      method: 'PUT',
      body,
    });
  await put('&1|10:00:00.001 first\n&1|10:00:00.002 sec');
  const following = run(['logs', '-f', 'app/7/test/1/unit'], { server });
  await put('ond\n');
  // As an agent does it: the console is whole before the job is over.
  await put('ex|10:00:00.003 done\n');
  job = { ...job, state: 'completed', result: 'passed' };
  await seal();
  expect(await following).toEqual({
    result: 0,
    err: '',
    out: '10:00:00.001 first\n10:00:00.002 second\n10:00:00.003 done\n',
  });
  expect((await run(['logs', '--raw', 'app/7/test/1/unit'], { server })).out).toContain(
    '&1|10:00:00.001 first',
  );
});

test('a command whose output nobody reads ends without a word', async () => {
  const child = spawn(process.execPath, [MAIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [err] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect([err, child.exitCode]).toEqual(['', 0]);
});

test('the token is replaced, also while a server runs', async () => {
  await using server = await testServer();
  const { out } = await run(['token', '--reset', '--data', server.dataDir]);
  expect(
    (
      await server.asAdmin('/api/pipelines/app/unpause', {
        method: 'POST',
        headers: { 'X-GoCD-Confirm': 'true' },
      })
    ).status,
  ).toBe(401);
  const headers = { Authorization: `Bearer ${out.trim()}`, 'X-GoCD-Confirm': 'true' };
  expect((await server.asAdmin('/api/pipelines/app/unpause', { method: 'POST', headers })).status).toBe(200);
});

test('the server as a process: ready, one real pipeline triggered, stopped by a signal, started again', async () => {
  await using folder = await tempDir();
  const repository = join(folder.path, 'repository');
  const git = (...args: string[]) => execFileSync('git', ['-C', repository, ...args], { stdio: 'ignore' });
  await mkdir(repository);
  git('init', '--initial-branch=main');
  git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', 'commit', '--allow-empty', '-m', 'first');
  await mkdir(join(folder.path, 'pipelines'));
  await writeFile(
    join(folder.path, 'pipelines/app.gocd.yaml'),
    `format_version: 11\npipelines:\n  app:\n    group: main\n    materials:\n      repo:\n        git: ${repository}\n        branch: main\n` +
      '    stages:\n      - test:\n          approval: manual\n          jobs:\n            unit:\n              tasks:\n                - exec:\n                    command: "true"\n',
  );
  const start = async () => {
    const child = spawn(
      process.execPath,
      [
        MAIN,
        'start',
        '--json',
        '--port',
        '0',
        '--tls-port',
        '0',
        '--data',
        'data',
        '--pipelines',
        'pipelines',
        '--auto-register-key-file',
        'key',
      ],
      { cwd: folder.path, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const { promise, resolve } = Promise.withResolvers<{ url: string; adminToken?: string }>();
    createInterface(child.stdout).once('line', (line) =>
      resolve(JSON.parse(line) as { url: string; adminToken?: string }),
    );
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    return { child, ended, ready: await promise };
  };
  const first = await start();
  const tokenFile = join(folder.path, 'token');
  await writeFile(tokenFile, first.ready.adminToken ?? '', { mode: 0o600 });
  const client = ['--server-url', first.ready.url, '--token-file', tokenFile];
  expect(await run(['trigger', 'app', ...client])).toMatchObject({ result: 0, err: '' });
  await waitFor(async () =>
    (await (await fetch(`${first.ready.url}/cctray.xml`)).text()).includes('app :: test'),
  );
  expect((await run(['encrypt', ...client], { stdin: 'secret\n' })).out).not.toContain('secret');
  expect((await readFile(join(folder.path, 'key'), 'utf8')).length).toBeGreaterThan(30);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
  const second = await start();
  expect(second.ready.adminToken).toBeUndefined();
  expect(await (await fetch(`${second.ready.url}/cctray.xml`)).text()).toContain('app :: test');
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
});
