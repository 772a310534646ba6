import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Logger } from '@go-agent/runtime';
import { systemClock } from '@go-agent/runtime/core';
import { tempDir } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { relayOverSocket } from '../../job-host/relay.ts';
import { JOURNAL } from '../../journal/format.ts';
import { sampleWork } from '../../journal/testing/sample-assignment.ts';
import { HttpClient } from '../server/http-client.ts';
import { openRelay } from './relay.ts';

const job = sampleWork(1).assignment.jobIdentifier;
const OWN = '/remoting/files/up42/7/up42_stage/1/up42_job';
const signal = new AbortController().signal;

/** A job host's way to a server through a courier that waits 300 ms for answers. */
async function relayTo(listener: RequestListener) {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await tempDir());
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(async () => {
    server.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });
  const serverUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/go`;
  const patience = { connectTimeoutMs: 60_000, answerTimeoutMs: 300 };
  const http = stack.use(await HttpClient.open({ serverUrl, ...patience, tls: { mode: 'FULL' } }));
  const log = { warn: () => undefined } as unknown as Logger;
  stack.use(await openRelay({ folder, job, http, credentials: () => ({}), log }));
  const relay = stack.use(relayOverSocket(join(folder, JOURNAL.relaySocket), systemClock));
  const owned = stack.move();
  return { relay, http, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.each(['PUT', 'POST'] as const)(
  'the answer to an upload by %s may take long, and the upload is sent once',
  async (method) => {
    const received = Promise.withResolvers<() => void>();
    let uploads = 0;
    await using own = await relayTo((request, response) => {
      if (request.method !== method) return;
      uploads += 1;
      request.resume().once('end', () => received.resolve(() => response.writeHead(201).end()));
    });
    const upload = own.relay.request({
      method,
      path: `${OWN}/a`,
      body: () => Readable.from(['all of it']),
      signal,
    });
    const unpacked = await received.promise;
    // Asked after the upload had been sent, this one is given up: the usual time is over.
    await expect(own.http.send({ method: 'GET', path: '/hangs', signal })).rejects.toThrow('failed');
    unpacked();
    expect((await upload).status).toBe(201);
    expect(uploads).toBe(1);
  },
);

test('an upload that stops in the middle is given up after the usual time', async () => {
  await using own = await relayTo((request) => void request.resume());
  const body = () => {
    const stuck = new PassThrough();
    stuck.write('the beginning');
    return stuck;
  };
  const answer = await own.relay.request({ method: 'PUT', path: `${OWN}/a`, body, resend: false, signal });
  expect(answer.status).toBe(502);
  answer.body.resume();
});
