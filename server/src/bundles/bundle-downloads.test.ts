import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type Clock, systemClock } from '@go-agent/runtime';
import { FakeClock, tempDir, waitFor } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { zipOf } from '../testing/multipart.ts';
import { scriptedCore } from '../testing/scripted-core.ts';
import { testServer } from '../testing/test-server.ts';
import { digest } from './testing/release-maker.ts';

const AGENT_ZIP = '/admin/agent-bundles/agent.zip';
/** What does not fit into the buffers of a socket. */
const LARGE = 8 * 1024 * 1024;

async function serverWith(
  zip: Buffer,
  downloads: { readonly atOnce: number; readonly holdMs: number },
  clock: Clock = systemClock,
) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  await writeFile(join(folder.path, 'agent.zip'), zip);
  const options = { bundlesDir: folder.path, downloads };
  const server = stack.use(await testServer(scriptedCore(), options, undefined, clock));
  return { server, url: server.server.url, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** As large as that, since noise cannot be compressed by more than half when it is in hex. */
async function largeZip(bytes = LARGE): Promise<Buffer> {
  return zipOf({ data: randomBytes(bytes).toString('hex') });
}

function download(url: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
}

test('a bundle is found by its digest, in parts, and not at all if it is here already', async () => {
  const zip = await zipOf({ 'manifest.json': '{"version":"1.0"}', data: 'x'.repeat(1000) });
  await using its = await serverWith(zip, { atOnce: 1, holdMs: 60_000 });
  const md5 = digest('md5', zip);
  const path = `/admin/agent-bundles/agent/${md5}.zip`;
  const head = await its.server.ask(path, { method: 'HEAD' });
  expect(head.headers).toMatchObject({
    'content-md5': md5,
    'content-length': String(zip.length),
    etag: `"${md5}"`,
    'repr-digest': `sha-256=:${Buffer.from(digest('sha256', zip), 'hex').toString('base64')}:`,
  });
  const ask = (headers: Record<string, string>) => its.server.ask(path, { headers });
  expect(await ask({ Range: 'bytes=10-19', 'If-Range': `"${md5}"` })).toMatchObject({
    status: 206,
    headers: { 'content-range': `bytes 10-19/${zip.length}`, 'content-length': '10' },
  });
  expect(await ask({ Range: 'bytes=10-19', 'If-Range': '"other"' })).toMatchObject({ status: 200 });
  expect(await ask({ Range: `bytes=${zip.length}-` })).toMatchObject({
    status: 416,
    headers: { 'content-range': `bytes */${zip.length}` },
  });
  expect(await ask({ 'If-None-Match': `"${md5}"` })).toMatchObject({ status: 304, body: '' });
  for (const missing of ['0'.repeat(32), md5.toUpperCase(), '..%2f..'])
    expect((await its.server.ask(`/admin/agent-bundles/agent/${missing}.zip`)).status).toBe(404);
});

test('so many download at a time and no more; the others are told when to come back, one after the other', async () => {
  const zip = await largeZip();
  // No time passes between those who ask, or the later ones could have less of it left to wait.
  const clock = { ...systemClock, monotonic: () => 0 };
  await using its = await serverWith(zip, { atOnce: 2, holdMs: 60_000 }, clock);
  const url = its.url + AGENT_ZIP;
  const running = await Promise.all(['a', 'b'].map((guid) => download(url, { 'X-Agent-GUID': guid })));
  expect(running.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
  const waits: number[] = [];
  for (let number = 0; number < 20; number++) {
    const busy = await its.server.ask(AGENT_ZIP, { headers: { 'X-Agent-GUID': `c${number}` } });
    expect(busy.status).toBe(503);
    waits.push(Number(busy.headers['retry-after']));
  }
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
  expect((await its.server.ask(AGENT_ZIP, { method: 'HEAD' })).status).toBe(200);
  const [first, second] = running;
  if (first === undefined || second === undefined) throw new Error('Two were started');
  expect(digest('md5', await buffer(first))).toBe(digest('md5', zip));
  await waitFor(
    async () => (await its.server.ask(AGENT_ZIP, { headers: { Range: 'bytes=0-0' } })).status === 206,
  );
  second.destroy();
});

test('a reader that is slow, or gone, gives its place back', async () => {
  const holdMs = 123_456;
  const hold = new FakeClock();
  const sleep: Clock['sleep'] = (ms, signal) => (ms === holdMs ? hold : systemClock).sleep(ms, signal);
  const clock = { ...systemClock, sleep };
  await using its = await serverWith(await largeZip(), { atOnce: 1, holdMs }, clock);
  const free = async () =>
    (await its.server.ask(AGENT_ZIP, { headers: { Range: 'bytes=0-9' } })).status === 206;
  const slow = await download(its.url + AGENT_ZIP, {});
  expect(await free()).toBe(false);
  const cut = once(slow, 'aborted');
  await hold.advance(holdMs);
  await waitFor(free);
  slow.resume();
  await cut;
  const { hostname, port } = new URL(its.url);
  const gone = connect(Number(port), hostname);
  gone.write(`GET /go${AGENT_ZIP} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
  await once(gone, 'data');
  gone.destroy();
  await waitFor(free);
});

test('hundreds of agents that want a bundle at once are told to wait, and all get it in the end', async () => {
  const zip = await largeZip(100_000);
  await using its = await serverWith(zip, { atOnce: 10, holdMs: 60_000 });
  const swarm = join(import.meta.dirname, 'testing/download-swarm/main.ts');
  const args = [swarm, its.url + AGENT_ZIP, '300', digest('md5', zip)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout).busy).toBeGreaterThan(0);
});
