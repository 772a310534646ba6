import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '@go-agent/runtime/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { multipart, zipOf } from '../testing/multipart.ts';
import { AGENT, JOB, scriptedCore, TOKEN } from '../testing/scripted-core.ts';
import { type TestServer, testServer } from '../testing/test-server.ts';

const JOB_PATH = '/remoting/files/app/7/test/1/unit';
const QUERY = '?attempt=1&buildId=42';

async function upload(server: TestServer, path: string, files: Record<string, string>, checksums?: string) {
  const parts = [{ name: 'zipfile', filename: 'a.zip', content: await zipOf(files) }];
  const checksum =
    checksums === undefined ? [] : [{ name: 'file_checksum', filename: 'checksum_file', content: checksums }];
  return server.asAgent(`${JOB_PATH}/${path}${QUERY}`, {
    method: 'POST',
    ...multipart([...parts, ...checksum]),
  });
}

test('an uploaded zip is unpacked at its place, and checksums of all uploads are kept', async () => {
  await using server = await testServer();
  const answer = await upload(server, 'pkg', { 'a.txt': 'A', 'dir/b.txt': 'B' }, '#\n#date\npkg/a.txt=1\n');
  expect(answer).toMatchObject({ status: 201, body: 'File pkg was created successfully' });
  expect((await upload(server, 'pkg', { 'a.txt': 'A2' }, 'pkg/a.txt=2')).status).toBe(201);
  expect((await server.ask('/files/app/7/test/1/unit/pkg/a.txt')).body).toBe('A2');
  expect((await server.asAgent(`${JOB_PATH}/pkg/dir/b.txt`)).body).toBe('B');
  expect((await server.asAgent(`${JOB_PATH}/cruise-output/md5.checksum`)).body).toBe(
    '#\n#date\npkg/a.txt=1\npkg/a.txt=2\n',
  );
  expect(await readdir(join(server.dataDir, 'artifacts/incoming'))).toEqual([]);
});

test('an upload to the root of the job, with escaped characters in names', async () => {
  await using server = await testServer();
  expect((await upload(server, '', { 'x y#1?.txt': 'odd' })).status).toBe(201);
  expect((await server.ask('/files/App/7/TEST/1/Unit/x%20y%231%3F.txt')).body).toBe('odd');
});

test('refused uploads say why, in the order of the reference', async () => {
  await using server = await testServer();
  const zip = { name: 'zipfile', filename: 'a.zip', content: await zipOf({ a: '1' }) };
  const { body, headers } = multipart([zip]);
  const post = (path: string, given: Record<string, string> = headers, content: Buffer | string = body) =>
    server.asAgent(path + QUERY, { method: 'POST', body: content, headers: given });
  expect(await post(`${JOB_PATH}/pkg`, { 'Content-Type': headers['Content-Type'] ?? '' })).toMatchObject({
    status: 400,
    body: "Missing required header 'X-GoCD-Confirm'",
  });
  expect(await post('/remoting/files/app/7/test/zero/unit/pkg')).toMatchObject({
    status: 404,
    body: 'Job app/7/test/zero/unit not found.',
  });
  expect(await post('/remoting/files/app/9/test/1/nope/pkg')).toMatchObject({
    status: 404,
    body: 'Job app/9/test/1/nope not found.',
  });
  expect((await post(`${JOB_PATH}/pkg`, { 'X-GoCD-Confirm': 'true' })).body).toContain(
    'MultipartFile must have name',
  );
  const other = multipart([{ ...zip, name: 'other' }]);
  expect((await post(`${JOB_PATH}/pkg`, other.headers, other.body)).status).toBe(400);
  expect((await post(`${JOB_PATH}/pkg`)).status).toBe(201);
  expect(await post(`${JOB_PATH}/pkg/a`)).toMatchObject({ status: 403, body: 'File pkg/a already exists.' });
  expect((await post(`${JOB_PATH}/cruise-output/md5.checksum`)).status).toBe(403);
  expect(await post(`${JOB_PATH}/pkg/..%2Fx`)).toMatchObject({
    status: 403,
    body: 'Url pkg/../x contains forbidden characters.',
  });
  expect((await post(`${JOB_PATH}/b`, { ...headers, 'X-Go-Artifact-Size': '999999999999999' })).status).toBe(
    413,
  );
  expect((await post(`${JOB_PATH}/b`, { ...headers, 'X-Go-Artifact-Size': 'big' })).status).toBe(400);
});

test('a zip that would leave its folder, holds a link or is none is refused, and nothing is written', async () => {
  await using server = await testServer();
  const evil = (await zipOf({ 'aa/bad': 'x' })).toString('latin1').replaceAll('aa/bad', '../bad');
  const link = await zipOf({ good: '1', link: { mode: 0o120777, content: '/etc/passwd' } });
  for (const content of [Buffer.from(evil, 'latin1'), link, Buffer.from('no zip')]) {
    const answer = await server.asAgent(`${JOB_PATH}/pkg${QUERY}`, {
      method: 'POST',
      ...multipart([{ name: 'zipfile', filename: 'a.zip', content }]),
    });
    expect(answer).toMatchObject({ status: 500, body: 'Error saving file pkg' });
  }
  expect((await server.ask('/files/app/7/test/1/unit/.json')).status).toBe(404);
});

test('a zip does not replace what the server keeps itself', async () => {
  await using server = await testServer();
  await upload(server, 'cruise-output', { 'console.log': 'fake', 'report.txt': 'real' }, 'a=1\n');
  expect((await server.ask('/files/app/7/test/1/unit/cruise-output/console.log')).status).toBe(404);
  expect((await server.ask('/files/app/7/test/1/unit/cruise-output/report.txt')).body).toBe('real');
});

test('the part "file" is stored as it is, and a user may upload with the token', async () => {
  await using server = await testServer();
  const form = multipart([{ name: 'file', filename: 'x', content: 'plain' }]);
  const path = '/files/app/7/test/1/unit/notes/n.txt';
  expect((await server.ask(path, { method: 'POST', ...form })).status).toBe(401);
  expect((await server.asAdmin(path, { method: 'POST', ...form })).status).toBe(201);
  const bare = await server.asAdmin(path, { method: 'PUT', body: ' more' });
  expect(bare).toMatchObject({ status: 400 });
  await server.asAdmin(path, { method: 'PUT', body: ' more', headers: { Confirm: 'true' } });
  expect((await server.ask(path)).body).toBe('plain more');
});

test('an upload that is cut leaves nothing behind', async () => {
  await using server = await testServer();
  const { body, headers } = multipart([
    { name: 'zipfile', filename: 'a.zip', content: await zipOf({ a: '1' }) },
  ]);
  const socket = connect(Number(new URL(server.server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  const lines = Object.entries({
    Host: 'x',
    'X-Agent-GUID': AGENT,
    Authorization: TOKEN,
    'Content-Length': '99999',
    ...headers,
  });
  socket.write(
    `POST /go${JOB_PATH}/pkg HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
  );
  socket.write(body.subarray(0, 200));
  const incoming = join(server.dataDir, 'artifacts/incoming');
  await waitFor(async () => (await readdir(incoming)).length === 1);
  socket.destroy();
  await waitFor(async () => (await readdir(incoming)).length === 0);
  expect((await server.ask('/files/app/7/test/1/unit/pkg/a')).status).toBe(404);
});

test('files come with type, length and ranges, and 304 for those that the client has', async () => {
  await using server = await testServer();
  await upload(server, 'out', { 'a.xml': '<a/>', 'empty.bin': '' });
  const url = '/files/app/7/test/latest/unit/out/a.xml';
  const whole = await server.ask(url);
  expect(whole.headers).toMatchObject({
    'content-type': 'text/plain;charset=utf-8',
    'content-length': '4',
    'accept-ranges': 'bytes',
  });
  expect(await server.ask(url, { headers: { Range: 'bytes=-2' } })).toMatchObject({
    status: 206,
    body: '/>',
  });
  const head = await server.ask(url, { method: 'HEAD' });
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['content-length']).toBe('4');
  const sha1 = encodeURIComponent(createHash('sha1').update('<a/>').digest('base64'));
  expect((await server.ask(`${url}?sha1=${sha1}`)).status).toBe(304);
  expect((await server.ask(`${url}?sha1=other`)).status).toBe(200);
  expect(await server.ask('/files/app/7/test/1/unit/out/empty.bin')).toMatchObject({ status: 200, body: '' });
  expect(await server.ask('/files/app/7/test/1/unit/out/none')).toMatchObject({
    status: 404,
    body: "Artifact 'out/none' is unavailable as it may have been purged by Go or deleted externally.",
  });
});

test('a folder is listed as JSON and downloaded as a zip under its own name', async () => {
  await using server = await testServer();
  await upload(server, 'out', { 'sub/a b.txt': 'A', 'c.txt': 'C' });
  const listing: unknown = JSON.parse((await server.ask('/files/app/7/test/1/unit.json')).body);
  const root = `${server.server.url}/files/app/7/test/1/unit/out`;
  expect(listing).toEqual([
    {
      name: 'out',
      url: root,
      type: 'folder',
      files: [
        { name: 'c.txt', url: `${root}/c.txt`, type: 'file' },
        {
          name: 'sub',
          url: `${root}/sub`,
          type: 'folder',
          files: [{ name: 'a b.txt', url: `${root}/sub/a%20b.txt`, type: 'file' }],
        },
      ],
    },
  ]);
  const answer = await request(`${root}.zip`);
  const zip = await fromBufferPromise(Buffer.from(await answer.body.arrayBuffer()));
  const names: string[] = [];
  for await (const entry of zip.eachEntry()) names.push(entry.fileName);
  expect(names.toSorted()).toEqual(['out/', 'out/c.txt', 'out/sub/', 'out/sub/a b.txt']);
});

test('the artifacts of a job that was taken back are not taken', async () => {
  await using server = await testServer(
    scriptedCore({ pipelines: { job: async () => ({ ...JOB, superseded: true }) } }),
  );
  expect((await upload(server, 'pkg', { a: '1' })).status).toBe(404);
});
