import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface FakeAnswers {
  /** `GET /go/api/v1/health`, which needs no token. */
  readonly health: FakeAnswer;
  /** A ping without a cookie: 403 if guid and token are not accepted. */
  readonly ping: FakeAnswer;
  /** The request for a token. */
  readonly token: FakeAnswer;
  /** How far its clock is ahead, in milliseconds. */
  readonly aheadMs: number;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
}

export interface FakeGocd extends AsyncDisposable {
  readonly port: number;
  /** By the address 127.0.0.1; ends in `/go`. */
  readonly url: string;
}

const HEALTHY: FakeAnswers = {
  health: { status: 200, body: '{"health":"OK"}' },
  ping: { status: 500, body: '{"error":"Agent [h, a, u, null] has no cookie set"}' },
  token: { status: 409, body: 'A token has already been issued for this agent.' },
  aheadMs: 0,
};

/** What doctor asks a server, answered as a stock one does, or as a test wants it to. */
export async function startFakeGocd(
  answers: Partial<FakeAnswers> = {},
  tls?: { readonly key: string; readonly cert: string },
): Promise<FakeGocd> {
  const given = { ...HEALTHY, ...answers };
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const url = request.url ?? '';
    const { status, body } = url.includes('/remoting/')
      ? given.ping
      : url.includes('/agent/token')
        ? given.token
        : given.health;
    const date = new Date(Date.now() + given.aheadMs).toUTCString();
    request.resume();
    response.writeHead(status, { date, 'content-length': Buffer.byteLength(body) }).end(body);
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/go`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
