import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '@go-agent/runtime/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBelow } from '../testing/open-below.ts';
import { AGENT, JOB, scriptedCore, TOKEN } from '../testing/scripted-core.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';
import type { ConsoleStore } from './console-store.ts';

const CONSOLE = '/remoting/files/app/7/test/1/unit/cruise-output/console.log?attempt=1&buildId=42';
const PUBLIC = '/files/app/7/test/1/unit/cruise-output/console.log';

function put(server: TestServer, body: string, offset?: number) {
  const headers: Record<string, string> = offset === undefined ? {} : { 'Upload-Offset': String(offset) };
  return server.asAgent(CONSOLE, {
    method: 'PUT',
    body,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers },
  });
}

test('a console body without an offset is appended, as by GoCD', async () => {
  await using server = await testServer();
  const first = await put(server, 'one\n');
  expect(first).toMatchObject({
    status: 200,
    body: 'File cruise-output/console.log was appended successfully',
  });
  expect(first.headers['upload-offset']).toBe('4');
  expect(first.headers['go-agent-server']).toBe('1');
  await put(server, 'one\n');
  expect((await server.ask(PUBLIC)).body).toBe('one\none\n');
});

test('a repeated body with an offset adds only what the log lacks, and a gap is refused with the true offset', async () => {
  await using server = await testServer();
  expect((await put(server, 'abc', 0)).headers['upload-offset']).toBe('3');
  expect((await put(server, 'abcdef', 0)).headers['upload-offset']).toBe('6');
  expect((await put(server, 'cdef', 2)).headers['upload-offset']).toBe('6');
  const gap = await put(server, 'xyz', 7);
  expect(gap.status).toBe(409);
  expect(gap.headers['upload-offset']).toBe('6');
  expect((await server.ask(PUBLIC)).body).toBe('abcdef');
  expect((await put(server, '', 9)).status).toBe(409);
  expect((await put(server, 'x', Number.NaN)).status).toBe(400);
});

test('overlapping uploads of one log, at once and in any order, leave each byte once', async () => {
  await using server = await testServer();
  const text = Array.from({ length: 4000 }, (_, line) => `line ${line}\n`).join('');
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(2000), fc.nat(8000)), { minLength: 1, maxLength: 4 }),
      async (pieces) => {
        const puts = pieces.map(([back, length]) => {
          const from = Math.max(0, sent - back);
          return put(server, text.slice(from, from + length), from);
        });
        const answers = await Promise.all(puts);
        expect(answers.map(({ status }) => status)).toEqual(pieces.map(() => 200));
        sent = Math.max(...answers.map(({ headers }) => Number(headers['upload-offset'])));
      },
    ),
    { numRuns: 30 },
  );
  expect((await server.ask(PUBLIC)).body).toBe(text.slice(0, sent));
});

test('what came of a body that was cut stays, also while its connection hangs, and the repetition completes it', async () => {
  await using server = await testServer();
  const socket = connect(Number(new URL(server.server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `PUT /go${CONSOLE} HTTP/1.1\r\nHost: x\r\nX-Agent-GUID: ${AGENT}\r\nAuthorization: ${TOKEN}\r\n` +
      'Upload-Offset: 0\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n0123456789',
  );
  await waitFor(async () => (await server.ask(PUBLIC)).body === '0123456789');
  const retried = await put(server, '0123456789abc', 0);
  expect(retried.headers['upload-offset']).toBe('13');
  socket.destroy();
  expect((await put(server, 'def', 13)).headers['upload-offset']).toBe('16');
  expect((await server.ask(PUBLIC)).body).toBe('0123456789abcdef');
});

test('sealing moves the log to the artifacts; a last flush goes there; sealing twice changes nothing', async () => {
  let seal: () => Promise<void> = async () => undefined;
  const core = scriptedCore();
  await using server = await testServer(core, {}, (files) => {
    seal = () => files.seal(JOB);
  });
  await put(server, 'build\n', 0);
  await seal();
  await seal();
  expect((await put(server, 'last\n', 6)).headers['upload-offset']).toBe('11');
  const path = join(server.dataDir, 'artifacts/pipelines/app/7/test/1/unit/cruise-output/console.log');
  expect(await readFile(path, 'utf8')).toBe('build\nlast\n');
  expect((await server.ask(PUBLIC)).body).toBe('build\nlast\n');
});

test('the console of a job that was taken back is accepted and ignored', async () => {
  const core = scriptedCore({ pipelines: { job: async () => ({ ...JOB, superseded: true }) } });
  await using server = await testServer(core);
  const answer = await put(server, 'zombie', 10);
  expect(answer.status).toBe(200);
  expect(answer.headers['upload-offset']).toBe('16');
  expect((await server.ask(PUBLIC)).status).toBe(404);
});

test('only the agent of a job may write its console', async () => {
  const core = scriptedCore({ pipelines: { job: async () => ({ ...JOB, agentUuid: 'other' }) } });
  await using server = await testServer(core);
  expect((await put(server, 'x')).status).toBe(403);
  expect((await server.ask(CONSOLE, { method: 'PUT', body: 'x' })).status).toBe(403);
});

test('the console is read from a line, from a byte, and by range', async () => {
  await using server = await testServer();
  expect((await server.ask(PUBLIC)).body).toContain('Console log for this job is unavailable');
  await put(server, 'a\nbb\nccc\n');
  expect((await server.ask(`${PUBLIC}?startLineNumber=1`)).body).toBe('bb\nccc\n');
  expect((await server.ask(`${PUBLIC}?startLineNumber=9`)).body).toBe('');
  const tail = await server.ask(`${PUBLIC}?offset=5`);
  expect(tail.body).toBe('ccc\n');
  expect(tail.headers).toMatchObject({ 'console-offset': '9', 'job-state': 'building' });
  expect(await server.ask(PUBLIC, { headers: { Range: 'bytes=2-4' } })).toMatchObject({
    status: 206,
    body: 'bb\n',
  });
  expect((await server.ask(PUBLIC, { headers: { Range: 'bytes=9-' } })).status).toBe(416);
  expect((await server.ask(`${PUBLIC}?offset=x`)).status).toBe(400);
});

test('a follower is held until there are new bytes', async () => {
  await using server = await testServer();
  await put(server, 'first\n');
  const held = server.ask(`${PUBLIC}?offset=6`, { headers: { Prefer: 'wait=30' } });
  const other = server.ask(`${PUBLIC}?offset=6`, { headers: { Prefer: 'wait=30' } });
  await put(server, 'second\n');
  expect(await held).toMatchObject({ status: 200, body: 'second\n' });
  expect((await other).headers['preference-applied']).toBe('wait=30');
});

test("an empty body asks for the log's size: after a power cut of the server an agent learns what is missing", async () => {
  await using server = await testServer();
  await put(server, 'abc', 0);
  for (const [offset, status] of [
    [6, 409],
    [3, 200],
    [1, 200],
  ] as const) {
    const answer = await put(server, '', offset);
    expect(answer.status, `at ${offset}`).toBe(status);
    expect(answer.headers['upload-offset']).toBe('3');
    expect(answer.headers['go-agent-server']).toBe('1');
  }
});

test.skipIf(process.platform !== 'linux')(
  'a console that is asked for in a wrong way does not stay open',
  async () => {
    await using server = await testServer();
    await put(server, 'a\nbb\nccc\n');
    const before = (await openBelow(server.dataDir)).length;
    expect((await server.ask(`${PUBLIC}?startLineNumber=x`)).status).toBe(400);
    expect(await openBelow(server.dataDir)).toHaveLength(before);
  },
);

test('a console that somebody asks for who does not wait for it does not stay open', async () => {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let isSlow = false;
  const findJob = async () => {
    if (isSlow) asked.resolve();
    if (isSlow) await left.promise;
    return JOB;
  };
  await using server = await testServer(scriptedCore({ pipelines: { findJob } }), {}, (files) => {
    const consoles = files as ConsoleStore;
    const read = consoles.read.bind(consoles);
    consoles.read = async (job) => {
      const log = await read(job);
      (log?.file as EventEmitter | undefined)?.once('close', closed.resolve);
      return log;
    };
  });
  await put(server, 'a\nbb\nccc\n');
  isSlow = true;
  const { hostname, port } = new URL(server.server.url);
  const client = connect(Number(port), hostname);
  client.write(`GET /go${PUBLIC}?startLineNumber=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await asked.promise;
  client.destroy();
  // Answered after the server has seen the end of the connection before.
  await server.ask('/api/v1/health');
  left.resolve();
  await closed.promise;
});
