import { createHash } from 'node:crypto';
import { lstat, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readTar, TAR_END, TAR_TYPE, type TarEntry, tarHeader, tarPadding } from '@go-agent/protocol';
import { smallDisk, waitFor } from '@go-agent/runtime/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { multipart, zipOf } from '../testing/multipart.ts';
import { AS_AGENT, askPart, JOB_URL, sendPart } from '../testing/send-part.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';

type Given = Partial<TarEntry> & { readonly path: string; readonly content?: string };

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex');

function tar(entries: readonly Given[]): Buffer {
  const parts = entries.flatMap(({ content = '', ...entry }) => {
    const body = Buffer.from(content);
    const header = tarHeader({ kind: 'file', mode: 0o644, size: body.length, ...entry });
    return [header, body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, TAR_END]);
}

function post(server: TestServer, entries: readonly Given[], path = '') {
  const headers = { 'Content-Type': TAR_TYPE, 'X-GoCD-Confirm': 'true' };
  return server.asAgent(`${JOB_URL}/${path}?buildId=42`, { method: 'POST', headers, body: tar(entries) });
}

const stored = (server: TestServer, path: string) =>
  join(server.dataDir, 'artifacts/pipelines/app/7/test/1/unit', path);

async function manifest(server: TestServer, folder: string): Promise<unknown[]> {
  const { status, body } = await server.asAgent(`${JOB_URL}/${folder}?manifest=1`);
  if (status !== 200) return [status];
  return body.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));
}

test('a batch becomes files with their modes, folders and links, and both lists name the files', async () => {
  await using server = await testServer();
  const answer = await post(server, [
    { path: 'out/a b.txt', content: 'A', mode: 0o755, sha256: sha256('A') },
    { path: 'out/deep/c', content: 'C' },
    { path: 'out/link', kind: 'link', target: 'deep/c' },
    { path: 'out/empty', kind: 'folder' },
  ]);
  expect(answer).toMatchObject({ status: 201, body: '4 entries were stored' });
  expect(await readFile(stored(server, 'out/a b.txt'), 'utf8')).toBe('A');
  expect((await lstat(stored(server, 'out/a b.txt'))).mode & 0o777).toBe(0o755);
  expect(await readlink(stored(server, 'out/link'))).toBe('deep/c');
  expect((await server.asAgent(`${JOB_URL}/cruise-output/md5.checksum`)).body).toContain(
    'out/a\\ b.txt=7fc56270',
  );
  expect(await manifest(server, 'out')).toEqual([
    { kind: 'file', path: 'a b.txt', size: 1, mode: 0o755, sha256: sha256('A') },
    { kind: 'folder', path: 'deep' },
    { kind: 'file', path: 'deep/c', size: 1, mode: 0o644, sha256: sha256('C') },
    { kind: 'folder', path: 'empty' },
    { kind: 'link', path: 'link', target: 'deep/c' },
  ]);
  // Out of the asked folder a link would lead nowhere: what it names is listed.
  await post(server, [{ path: 'out/sub/up', kind: 'link', target: '../deep/c' }]);
  expect(await manifest(server, 'out/sub')).toEqual([{ kind: 'file', path: 'up', size: 1, mode: 0o644 }]);
  expect(await manifest(server, 'none')).toEqual([404]);
});

test('nothing is stored outside of the job, through a link, or over what the server keeps', async () => {
  await using server = await testServer();
  await post(server, [
    { path: 'dir/x', content: '1' },
    { path: 'alias', kind: 'link', target: 'dir' },
  ]);
  const bad: Given[] = [
    { path: '../escaped', content: 'x' },
    { path: 'a//b', content: 'x' },
    { path: '/abs', content: 'x' },
    { path: 'alias/y', content: 'x' },
    { path: 'dir/x/y', content: 'x' },
    { path: 'cruise-output/sha256.checksum', content: 'x' },
    { path: 'cruise-output/console.log', content: 'x' },
    { path: 'out', kind: 'link', target: '../../../../../../admin-token' },
    { path: 'out', kind: 'link', target: '/etc/passwd' },
    { path: 'out', kind: 'link', target: 'dir/../../x' },
  ];
  for (const entry of bad) expect(await post(server, [entry]), entry.path).toMatchObject({ status: 403 });
  expect((await post(server, [{ path: 'x', content: 'x' }], 'sub')).status).toBe(400);
  expect((await manifest(server, '')).filter((entry) => JSON.stringify(entry).includes('x"'))).toHaveLength(
    1,
  );
});

test('content that is not what was announced is refused; what came before it stays and is listed', async () => {
  await using server = await testServer();
  const answer = await post(server, [
    { path: 'good', content: 'good', sha256: sha256('good') },
    { path: 'bad', content: 'bad', sha256: sha256('other') },
  ]);
  expect(answer.status).toBe(422);
  expect(await manifest(server, '')).toEqual([
    { kind: 'folder', path: 'cruise-output' },
    expect.objectContaining({ path: 'cruise-output/md5.checksum' }),
    expect.objectContaining({ path: 'cruise-output/sha256.checksum' }),
    expect.objectContaining({ path: 'good', sha256: sha256('good') }),
  ]);
});

test('of a batch that is cut, the files that came are stored and listed', async () => {
  await using server = await testServer();
  const body = tar(Array.from({ length: 50 }, (_, i) => ({ path: `f${i}`, content: 'x'.repeat(5000) })));
  const socket = connect(Number(new URL(server.server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const headers = { Host: 'x', ...AS_AGENT, 'Content-Type': TAR_TYPE, 'X-GoCD-Confirm': 'true' };
  const lines = Object.entries({ ...headers, 'Content-Length': String(body.length) });
  socket.write(`POST /go${JOB_URL}/?buildId=42 HTTP/1.1\r\n`);
  socket.write(`${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  socket.write(body.subarray(0, 100_000));
  await waitFor(async () => (await manifest(server, '')).length > 10);
  socket.destroy();
  const list = () => server.asAgent(`${JOB_URL}/cruise-output/sha256.checksum`);
  await waitFor(async () => (await list()).body.split('\n').length > 10);
});

test('named files come as a tar, those that are missing do not', async () => {
  await using server = await testServer();
  await post(server, [
    { path: 'out/a', content: 'A', mode: 0o755 },
    { path: 'out/d/b', content: 'B' },
  ]);
  const ask = (files: readonly string[]) =>
    request(`${server.server.url}${JOB_URL}/out`, {
      method: 'QUERY',
      headers: { ...AS_AGENT, 'Content-Type': 'application/json' },
      body: JSON.stringify({ files }),
    });
  const answer = await ask(['d/b', 'none', 'a', 'd']);
  expect(answer.headers['content-type']).toBe(TAR_TYPE);
  const entries = await Array.fromAsync(readTar(Readable.from(answer.body), { largestFile: 1000 }));
  expect(entries.map(({ path, mode, content }) => [path, mode, content.toString()])).toEqual([
    ['d/b', 0o644, 'B'],
    ['a', 0o755, 'A'],
  ]);
  for (const files of [['../x'], ['a/../../y'], ['']]) {
    const refused = await ask(files);
    expect(refused.statusCode).toBe(400);
    await refused.body.dump();
  }
  const endless = await ask(['x'.repeat(9 * 1024 ** 2)]);
  expect(endless.statusCode).toBe(413);
  expect(await endless.body.text()).toContain('The names of the files take more than 8388608 bytes');
});

test('a file that a stock agent replaces loses its entry in our list', async () => {
  await using server = await testServer();
  await post(server, [
    { path: 'a', content: 'A' },
    { path: 'b', content: 'B' },
  ]);

  const parts = [
    { name: 'zipfile', filename: 'a.zip', content: await zipOf({ a: 'other' }) },
    { name: 'file_checksum', filename: 'checksum_file', content: 'a=1\n' },
  ];
  await server.asAgent(`${JOB_URL}/?buildId=42`, { method: 'POST', ...multipart(parts) });
  const list = (await server.asAgent(`${JOB_URL}/cruise-output/sha256.checksum`)).body;
  expect(list).toBe(`${sha256('B')}  b\n`);
});

test('a full disk is said to be full, before and while it fills, and an upload goes on when there is room', async ({
  skip,
}) => {
  await using own = await smallDisk('120m');
  if (own === undefined) return skip('file systems cannot be mounted here');
  const disk = own.path;
  // The server keeps 100 MB free.
  await using server = await testServer(undefined, { dataDir: disk });
  const part = { server: server.server.url, path: 'big', uploadId: 'upload-full', offset: 0 };
  const tooLarge = { ...part, content: Buffer.alloc(30_000_000), end: 10_000 };
  expect(await sendPart(tooLarge)).toMatchObject({ status: 413 });
  await writeFile(join(disk, 'filler'), Buffer.alloc(120 * 1024 * 1024)).catch(() => undefined);
  const fits = { ...part, content: Buffer.alloc(5_000_000, 2) };
  expect(await sendPart(fits)).toMatchObject({ status: 413 });
  await rm(join(disk, 'filler'));
  const { offset } = await askPart(fits);
  expect(offset).toBeLessThan(5_000_000);
  // How much room there is may be known since before: it is asked for once in 5 s.
  await waitFor(async () => (await sendPart({ ...fits, offset })).status === 201);
  expect((await server.asAgent(`${JOB_URL}/big`)).headers['content-length']).toBe('5000000');
});
