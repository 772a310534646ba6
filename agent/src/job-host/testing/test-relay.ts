import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { JOURNAL } from '../../journal/format.ts';

export interface RelayedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TestAnswer {
  readonly status: number;
  readonly body?: string | Buffer;
}

/** Listens on a job's relay.sock as the courier does, and answers as a test says; `lost`: the connection breaks instead. */
export async function testRelay(
  folder: string,
  answer: (request: RelayedRequest) => TestAnswer | 'lost',
): Promise<AsyncDisposable & { readonly requests: readonly RelayedRequest[] }> {
  const requests: RelayedRequest[] = [];
  const server = createServer((message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { method = '', url = '', headers } = message;
      const request = { method, url, headers, body: Buffer.concat(chunks) };
      requests.push(request);
      const answered = answer(request);
      if (answered === 'lost') return void message.socket.destroy();
      const { status, body } = answered;
      response.writeHead(status).end(body);
    });
  });
  server.listen(join(folder, JOURNAL.relaySocket));
  await once(server, 'listening');
  return {
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
