import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TAR_END, TAR_TYPE, tarHeader, tarPadding } from '@go-agent/protocol';
import { smallDisk } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { multipart } from '../testing/multipart.ts';
import { LargeSender } from '../testing/send-large.ts';
import { JOB_URL } from '../testing/send-part.ts';
import { testServer } from '../testing/test-server.ts';

const TIMES = 30;
const CONSOLE = `${JOB_URL}/cruise-output/console.log?attempt=1&buildId=42`;

test('a console with a gap is refused although the rest of a large body still comes', async () => {
  await using server = await testServer();
  using sender = new LargeSender();
  const put = (offset: number, size: number) =>
    sender.send({
      method: 'PUT',
      server: server.server.url,
      path: CONSOLE,
      headers: { 'Content-Type': 'text/plain', 'Upload-Offset': String(offset) },
      body: Buffer.alloc(size, 97),
    });
  expect(await put(0, 10)).toMatchObject({ status: 200 });
  for (let time = 0; time < TIMES; time += 1) {
    expect(await put(5000, 1024 * 1024), `time ${time}`).toMatchObject({
      status: 409,
      headers: { 'upload-offset': '10' },
    });
  }
  expect(await put(10, 1024 * 1024)).toMatchObject({ status: 200, headers: { 'upload-offset': '1048586' } });
});

test('a batch with a bad entry is refused although the rest of it still comes', async () => {
  await using server = await testServer();
  using sender = new LargeSender();
  const entry = (path: string, content: Buffer, sha256?: string) => {
    const header = tarHeader({
      kind: 'file',
      path,
      mode: 0o644,
      size: content.length,
      ...(sha256 === undefined ? {} : { sha256 }),
    });
    return [header, content, tarPadding(content.length)];
  };
  const bad = entry('bad', Buffer.from('bad'), 'ab'.repeat(32));
  const rest = Array.from({ length: 64 }, (_, at) => entry(`f${at}`, Buffer.alloc(64 * 1024)));
  const body = Buffer.concat([...bad, ...rest.flat(), TAR_END]);
  for (let time = 0; time < TIMES; time += 1) {
    const answer = sender.send({
      method: 'POST',
      server: server.server.url,
      path: `${JOB_URL}/?buildId=42`,
      headers: { 'Content-Type': TAR_TYPE, 'X-GoCD-Confirm': 'true' },
      body,
    });
    expect(await answer, `time ${time}`).toMatchObject({ status: 422 });
  }
});

test('what finds no room on the disk is answered so although the rest of it still comes', async ({
  skip,
}) => {
  await using own = await smallDisk('2m');
  if (own === undefined) return skip('file systems cannot be mounted here');
  await using server = await testServer(undefined, { dataDir: own.path });
  using sender = new LargeSender();
  await writeFile(join(own.path, 'filler'), Buffer.alloc(2 * 1024 * 1024)).catch(() => undefined);
  const large = randomBytes(4 * 1024 * 1024);
  const zip = multipart([{ name: 'zipfile', filename: 'a.zip', content: large }]);
  const to = { server: server.server.url, path: `${JOB_URL}/pkg?buildId=42` } as const;
  for (let time = 0; time < TIMES; time += 1) {
    expect(await sender.send({ ...to, method: 'POST', ...zip }), `POST ${time}`).toMatchObject({
      status: 500,
      body: 'Error saving file pkg',
    });
    expect(
      await sender.send({
        ...to,
        path: `${JOB_URL}/log?buildId=42`,
        method: 'PUT',
        headers: { 'Content-Type': 'text/plain' },
        body: large,
      }),
      `PUT ${time}`,
    ).toMatchObject({ status: 500, body: 'Error saving file log' });
    expect(
      await sender.send({
        ...to,
        path: CONSOLE,
        method: 'PUT',
        headers: { 'Content-Type': 'text/plain', 'Upload-Offset': '0' },
        body: large,
      }),
      `console ${time}`,
    ).toMatchObject({
      status: 503,
      headers: { 'retry-after': '10' },
      body: 'Error saving file cruise-output/console.log',
    });
  }
});
