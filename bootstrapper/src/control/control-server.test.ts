import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import type { Controls } from './answer-request.ts';
import { askBootstrapper } from './ask-bootstrapper.ts';
import { serveHealth, serveOrders } from './control-server.ts';
import type { HealthReport } from './health-report.ts';
import { parseListenAddress } from './listen-address.ts';

function controls(connected: boolean) {
  const orders: string[] = [];
  const report = {
    status: connected ? 'ok' : 'failing',
    problems: [],
    version: '1.0',
    pid: 1,
    uptimeSeconds: 1,
    home: '/home',
    serverUrl: 'http://server/go',
    phase: 'running',
    restarts: 0,
    crashLoop: false,
    agent: { pid: 2, answers: true, connected, state: 'idle' },
  } satisfies HealthReport;
  const made: Controls = {
    health: () => Promise.resolve(report),
    drain: (deadlineMs) => void orders.push(`drain ${deadlineMs}`),
    resume: () => void orders.push('resume'),
    drainTimeout: (ms) => void orders.push(`drain-timeout ${ms}`),
    restart: () => 'there is no agent just now',
    reload: () => 'nonsense in the file',
  };
  return { orders, made };
}

test.each([
  [true, 200, 'OK!'],
  [false, 503, 'Bad!'],
])('the health check is that of the stock agent: connected %s is %i %s', async (connected, status, body) => {
  await using server = await serveHealth({ host: '127.0.0.1', port: 0 }, controls(connected).made);
  for (const version of ['v1', 'latest']) {
    const url = `http://${server.address}/health/${version}/isConnectedToServer`;
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).toEqual([status, body]);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([status, '']);
  }
  const other = await fetch(`http://${server.address}/other`);
  expect([other.status, await other.text()]).toEqual([404, 'The page you requested was not found']);
  expect((await fetch(`http://${server.address}/health`)).status).toBe(status);
  expect(await (await fetch(`http://${server.address}/metrics`)).text()).toContain(
    `go_agent_connected ${connected ? 1 : 0}`,
  );
});

test('no order is taken over the network', async () => {
  const { made, orders } = controls(true);
  await using server = await serveHealth({ host: '127.0.0.1', port: 0 }, made);
  const answer = await fetch(`http://${server.address}/drain`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([
    405,
    'This method is not allowed. Please use GET or HEAD.',
  ]);
  expect(orders).toEqual([]);
});

test.each(['home', `home/${'deep/'.repeat(40)}`])(
  'orders come over a socket for its owner alone, in %s',
  async (name) => {
    await using folder = await tempDir();
    const home = join(folder.path, name);
    await mkdir(join(home, 'data'), { recursive: true });
    const { made, orders } = controls(true);
    const path = join(home, 'data', 'go-agent.sock');
    // The bootstrapper itself has the home folder as its current one.
    await using handle = await open(join(home, 'data'));
    const listenAt = path.length > 100 ? `/proc/self/fd/${handle.fd}/go-agent.sock` : path;
    await using _server = await serveOrders(listenAt, made);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const at = { home, cwd: process.cwd() };
    expect(await askBootstrapper(at, 'POST', '/drain?deadlineMs=500')).toMatchObject({ kind: 'done' });
    expect(await askBootstrapper(at, 'POST', '/drain-timeout?ms=700')).toMatchObject({ kind: 'done' });
    expect(await askBootstrapper(at, 'POST', '/drain-timeout')).toMatchObject({ kind: 'refused' });
    expect(await askBootstrapper(at, 'POST', '/resume')).toMatchObject({
      kind: 'done',
      report: { status: 'ok' },
    });
    expect(await askBootstrapper(at, 'POST', '/reload')).toEqual({
      kind: 'refused',
      message: 'nonsense in the file',
    });
    expect(await askBootstrapper(at, 'POST', '/restart')).toMatchObject({ kind: 'refused' });
    expect(orders).toEqual(['drain 500', 'drain-timeout 700', 'resume']);
  },
);

test('who ends leaves the socket to the one that has come after it, and takes away its own', async () => {
  await using folder = await tempDir();
  const at = { home: folder.path, cwd: process.cwd() };
  const path = join(folder.path, 'data', 'go-agent.sock');
  await mkdir(join(folder.path, 'data'));
  const before = await serveOrders(path, controls(false).made);
  const after = await serveOrders(path, controls(true).made);
  await before[Symbol.asyncDispose]();
  expect(await askBootstrapper(at, 'POST', '/resume')).toMatchObject({ report: { status: 'ok' } });
  await after[Symbol.asyncDispose]();
  expect(await readdir(join(folder.path, 'data'))).toEqual([]);
});

test('a home where nobody listens is silent, also if a socket is left there', async () => {
  await using folder = await tempDir();
  const at = { home: folder.path, cwd: process.cwd() };
  expect(await askBootstrapper(at, 'GET', '/health')).toMatchObject({ kind: 'silent' });
});

test('a port that is taken is an error that says so', async () => {
  await using taken = createServer();
  taken.listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { port: number };
  await expect(serveHealth({ host: '127.0.0.1', port }, controls(true).made)).rejects.toThrow('EADDRINUSE');
});

test.each([
  ['127.0.0.1:8152', { host: '127.0.0.1', port: 8152 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['8152', { host: '127.0.0.1', port: 8152 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  ['127.0.0.1:70000', undefined],
  ['::1:80', undefined],
  ['here', undefined],
])('%s is the address %o', (text, address) => {
  expect(parseListenAddress(text)).toEqual(address);
});
