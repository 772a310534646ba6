import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { FakeClock } from '@go-agent/runtime/testing';
import { expect, test } from 'vitest';
import { DownloadGate } from '../bundles/download-gate.ts';
import { clientGone } from './client-gone.ts';

const NEVER = new AbortController().signal;

/** The answer to a client that has left before anybody looked after it. */
async function abandonedResponse(): Promise<ServerResponse> {
  await using server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  client.destroy();
  await once(response, 'close');
  return response;
}

test('a client that left while its request was still looked at is gone', async () => {
  expect(clientGone(await abandonedResponse(), NEVER).aborted).toBe(true);
});

test('a download whose client left before it was let in takes no place', async () => {
  const gate = new DownloadGate({ atOnce: 1, holdMs: 60_000 }, new FakeClock());
  const [first, second] = [await abandonedResponse(), await abandonedResponse()];
  expect(gate.enter('first', first)).toEqual({ type: 'entered' });
  expect(gate.enter('second', second)).toEqual({ type: 'entered' });
});
