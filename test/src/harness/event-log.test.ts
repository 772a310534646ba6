import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { EventLog } from './event-log.ts';

/** A server whose event stream says this and then ends. */
async function saying(text: string) {
  const server = createServer((_request, response) => response.end(text)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/go`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a stream that ends before its greeting is not waited for', async () => {
  await using server = await saying('');
  using events = new EventLog(server.url);
  await expect(events.open()).rejects.toThrow('ended before its greeting');
});

test('nobody waits for an event of a stream that has ended; what it told before is there', async () => {
  await using server = await saying(
    'event: hello\ndata: {}\n\nevent: x\ndata: {"type":"config-changed"}\n\n',
  );
  using events = new EventLog(server.url);
  await events.open();
  expect(await events.next(() => true, 0)).toEqual({ type: 'config-changed' });
  await expect(events.next(() => true, 1)).rejects.toThrow('has ended, after 1 events');
});
