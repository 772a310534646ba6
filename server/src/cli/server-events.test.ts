import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { ServerClient } from './server-client.ts';
import { serverEvents } from './server-events.ts';

test('a server that is gone without a word is not waited for: neither for an answer nor for the next event', async () => {
  const greeting = 'event: hello\ndata: {}\n\n';
  await using server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      if (!request.includes('/events')) return;
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.write(`${greeting.length.toString(16)}\r\n${greeting}\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await using client = new ServerClient({ serverUrl: `http://127.0.0.1:${port}/go`, silenceMs: 1000 });
  const { signal } = new AbortController();
  await expect(client.getJson('/api/agents', 7, signal)).rejects.toMatchObject({
    code: 'server-unreachable',
  });
  await using stream = await serverEvents(client, signal);
  await expect(stream.events.next()).rejects.toMatchObject({ code: 'server-unreachable' });
});
