import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type Clock, systemClock } from '@go-agent/runtime';
import { FakeClock, waitFor } from '@go-agent/runtime/testing';
import { Agent, request } from 'undici';
import { expect, test } from 'vitest';
import { JOB, scriptedCore } from './testing/scripted-core.ts';
import { testServer } from './testing/test-server.ts';

test('HTTPS is served with a certificate of the own authority', async () => {
  await using server = await testServer(scriptedCore(), { tlsPort: 0 });
  const ca = await readFile(server.server.caPath ?? '', 'utf8');
  const dispatcher = new Agent({ connect: { ca } });
  const answer = await request(`${server.server.tlsUrl}/api/v1/health`, { dispatcher });
  expect(await answer.body.json()).toEqual({ health: 'OK' });
  await dispatcher.close();
});

test('a port that is taken is named with the remedy, and nothing has been started', async () => {
  await using taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  let made = false;
  const starting = testServer(scriptedCore(), { port }, () => {
    made = true;
  });
  await expect(starting).rejects.toMatchObject({
    code: 'port-taken',
    message: expect.stringContaining(`Port ${port} on 127.0.0.1`),
  });
  expect(made).toBe(false);
});

test('a stop lets a running upload end, answers what is held, and closes the rest', async () => {
  const graceMs = 3000;
  const grace = new FakeClock();
  const sleep: Clock['sleep'] = (ms, signal) => (ms === graceMs ? grace : systemClock).sleep(ms, signal);
  const clock = { ...systemClock, sleep };
  await using server = await testServer(undefined, undefined, undefined, clock);
  const { url } = server.server;
  const events = await request(`${url}/api/v1/events`);
  const held = request(`${url}/files/app/7/test/1/unit/cruise-output/console.log?offset=0`, {
    headers: { Prefer: 'wait=60' },
  });
  const stream = new TransformStream<Uint8Array, Uint8Array>();
  const writer = stream.writable.getWriter();
  const put = fetch(`${url}/remoting/files/app/7/test/1/unit/cruise-output/console.log?buildId=42`, {
    method: 'PUT',
    duplex: 'half',
    headers: {
      'X-Agent-GUID': JOB.agentUuid ?? '',
      Authorization: 'agent-token=',
      'Content-Type': 'text/plain',
    },
    body: stream.readable,
  });
  await writer.write(Buffer.from('one '));
  expect(await (await held).body.text()).toBe('one ');
  const stopping = server[Symbol.asyncDispose]();
  await writer.write(Buffer.from('two'));
  await writer.close();
  expect((await put).headers.get('upload-offset')).toBe('7');
  expect(await events.body.text()).toContain('event: hello');
  await grace.advance(graceMs);
  await stopping;
});

test('a stop does not wait for a connection on which nobody has spoken TLS', async () => {
  const graceMs = 3000;
  const sleep: Clock['sleep'] = (ms, signal) => systemClock.sleep(ms === graceMs ? 0 : ms, signal);
  const server = await testServer(scriptedCore(), { tlsPort: 0 }, undefined, { ...systemClock, sleep });
  const { hostname, port } = new URL(server.server.tlsUrl ?? '');
  const silent = connect(Number(port), hostname);
  await once(silent, 'connect');
  const closed = once(silent, 'close');
  // Accepted after it: so the one before is known to the server.
  const ca = await readFile(server.server.caPath ?? '', 'utf8');
  const dispatcher = new Agent({ connect: { ca } });
  await (await request(`${server.server.tlsUrl}/api/v1/health`, { dispatcher })).body.dump();
  await dispatcher.close();
  await server[Symbol.asyncDispose]();
  await closed;
});

test('the event stream tells what happens, in order', async () => {
  const core = scriptedCore();
  await using server = await testServer(core);
  const { body } = await request(`${server.server.url}/api/v1/events`);
  let text = '';
  body.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await waitFor(() => text.includes('event: hello'));
  core.events.publish({ type: 'job-changed', job: JOB });
  core.events.publish({ type: 'config-changed' });
  await waitFor(() => text.includes('config-changed'));
  expect(text).toContain(
    `event: job-changed\ndata: ${JSON.stringify({ type: 'job-changed', job: JOB })}\n\nevent: config-changed`,
  );
  body.destroy();
});

test('the first start makes a token, of which only the hash is kept', async () => {
  await using server = await testServer();
  expect(server.token).not.toBe('');
  expect(await readFile(join(server.dataDir, 'security/admin-token.sha256'), 'utf8')).toMatch(
    /^[0-9a-f]{64}\n$/,
  );
});
