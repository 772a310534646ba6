import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Serves the files of a folder to those who know the password (git's "dumb" HTTP, Mercurial's static-http). */
export async function passwordServer(folder: string, user: string, password: string) {
  const expected = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  let cuts = 0;
  const server = createServer((request, response) => {
    if (cuts > 0) {
      cuts -= 1;
      request.socket.resetAndDestroy();
      return;
    }
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="test"', 'Content-Length': 0 }).end();
      return;
    }
    readFile(join(folder, decodeURIComponent((request.url ?? '').split('?')[0] ?? ''))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    /** So many of the next requests end without an answer. */
    cut: (times: number) => {
      cuts = times;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
