import { consoleLogPath, formatChecksumFile, parseChecksumFile } from '@go-agent/protocol';
import { expect, test } from 'vitest';
import { type ServerStub, startServerStub } from './server-stub.ts';
import { job, TestingAgent } from './testing-agent.ts';

async function put(stub: ServerStub, agent: TestingAgent, body: string, offset?: number) {
  const headers = { ...agent.headers, ...(offset === undefined ? {} : { 'Upload-Offset': String(offset) }) };
  const { status, headers: answered } = await fetch(stub.url + consoleLogPath(job), {
    method: 'PUT',
    headers,
    body,
  });
  return [status, answered.get('Upload-Offset')];
}

test('takes console bytes exactly once when told their offset', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);

  expect(await put(stub, agent, 'one\n', 0)).toEqual([201, '4']);
  expect(await put(stub, agent, 'one\ntwo\n', 0)).toEqual([200, '8']);
  expect(await put(stub, agent, 'one\n', 0)).toEqual([200, '8']);
  expect(await put(stub, agent, 'four\n', 14)).toEqual([409, '8']);
  expect(await put(stub, agent, 'three\n', 8)).toEqual([200, '14']);
  expect(await put(stub, agent, 'x', Number.NaN)).toEqual([400, null]);
  expect(stub.consoleLog()).toBe('one\ntwo\nthree\n');
});

test('appends console bytes without an offset, and always as a stock server', async () => {
  await using stub = await startServerStub({ stock: true });
  const agent = new TestingAgent(stub);
  expect(await put(stub, agent, 'one\n')).toEqual([200, null]);
  expect(await put(stub, agent, 'one\n', 0)).toEqual([200, null]);
  expect(stub.consoleLog('up42/7/stage/1/job')).toBe('one\none\n');
});

test('keeps uploaded zips as they came and collects their checksums', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);
  const zip = Buffer.from('PK\r\n--not the boundary\r\n\r\n\0\xff', 'latin1');
  const upload = async (headers: Record<string, string>) => {
    const form = new FormData();
    form.append('zipfile', new Blob([zip]), 'a.jar.zip');
    form.append(
      'file_checksum',
      new Blob([new Uint8Array(formatChecksumFile([['pkg/a.jar', 'abc']], 0))]),
      'checksum_file',
    );
    const url = `${stub.url}/remoting/files/up42/7/stage/1/job/pkg?attempt=1&buildId=1234`;
    return (await fetch(url, { method: 'POST', headers: { ...agent.headers, ...headers }, body: form }))
      .status;
  };

  expect(await upload({})).toBe(400);
  expect(await upload({ 'X-GoCD-Confirm': 'true' })).toBe(201);

  expect(stub.uploads).toHaveLength(1);
  expect(stub.uploads[0]).toMatchObject({ path: 'up42/7/stage/1/job/pkg', zip });
  expect(stub.uploads[0]?.parts.map(({ filename }) => filename)).toEqual(['a.jar.zip', 'checksum_file']);
  const merged = stub.files.get('up42/7/stage/1/job/cruise-output/md5.checksum')!;
  expect([...parseChecksumFile(merged)]).toEqual([['pkg/a.jar', 'abc']]);
});

test('hands out stored files, unless the client has the same or there is none', async () => {
  await using stub = await startServerStub();
  const agent = new TestingAgent(stub);
  stub.files.set('up42/7/stage/1/job/a dir/x', Buffer.from('hello'));
  const get = (path: string) =>
    fetch(`${stub.url}/remoting/files/up42/7/stage/1/job/${path}`, { headers: agent.headers });

  expect(await (await get('a%20dir/x')).text()).toBe('hello');
  expect((await get(`a%20dir/x?sha1=${encodeURIComponent('qvTGHdzF6KLavt4PO0gs2a6pQ00=')}`)).status).toBe(
    304,
  );
  const missing = await get('none');
  expect([missing.status, await missing.text()]).toEqual([
    404,
    expect.stringContaining("Artifact 'none' is unavailable"),
  ]);
});
