// The least that takes and gives files over HTTP: `main.ts FOLDER` prints its port. PUT /a/b stores, GET /a/b sends.
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [, , folder = ''] = process.argv;
const made = new Set<string>();
const server = createServer((request, response) => {
  const path = join(folder, decodeURI(request.url ?? ''));
  if (request.method === 'GET') {
    void pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), response);
    return;
  }
  void (async () => {
    const above = dirname(path);
    if (!made.has(above)) await mkdir(above, { recursive: true });
    made.add(above);
    await pipeline(request, createWriteStream(path));
    response.writeHead(201).end();
  })();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
