import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { JobIdentifier } from '@go-agent/protocol';
import type { Logger } from '@go-agent/runtime';
import { describeError } from '@go-agent/runtime/core';
import { JOURNAL } from '../../journal/format.ts';
import { socketAddress } from '../../journal/socket-address.ts';
import type { HttpClient } from '../server/http-client.ts';
import { decideRelay } from './relay-request.ts';
import { serverWorkMs } from './server-work.ts';

export interface RelayOptions {
  readonly folder: string;
  readonly job: JobIdentifier;
  readonly http: HttpClient;
  /** The agent's headers; they win over what the host sends. */
  readonly credentials: () => Readonly<Record<string, string>>;
  readonly log: Logger;
}

// Headers of a connection, not of a message, and those that the client sets itself.
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'host',
  'expect',
  'cookie',
  'set-cookie',
]);

/** Listens on relay.sock and hands a job's uploads and downloads through, without holding any of them in memory. */
export async function openRelay(options: RelayOptions): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack();
  const address = stack.use(await socketAddress(options.folder, JOURNAL.relaySocket));
  await rm(join(options.folder, JOURNAL.relaySocket), { force: true });
  const server = process
    .getBuiltinModule('node:http')
    .createServer({ requestTimeout: 0 }, (request, response) => void relay(options, request, response));
  stack.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  server.listen(address.path);
  await once(server, 'listening');
  return stack.move();
}

/** Never rejects. */
async function relay(
  options: RelayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { job, http, credentials, log } = options;
  const { method = '', url = '' } = request;
  const decision = decideRelay(job, method, url);
  if (decision.kind === 'refuse') {
    log.warn({ method, url }, `The relay refuses a request of the job: ${decision.reason}`);
    response.writeHead(decision.status).end(decision.reason);
    request.resume();
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort(new Error('The job host has gone away')));
  try {
    const hasBody = method === 'PUT' || method === 'POST' || method === 'QUERY';
    const answer = await http.send({
      method,
      path: decision.path,
      headers: { ...passedOn(request.headers), ...lowerCase(credentials()) },
      ...(hasBody ? { body: request } : {}),
      heldMs: serverWorkMs(method, url),
      signal: gone.signal,
    });
    response.writeHead(answer.status, passedOn(answer.headers));
    await pipeline(answer.body, response);
  } catch (error) {
    if (gone.signal.aborted) return;
    log.warn({ method, url }, `The relay failed: ${describeError(error)}`);
    // With its headers sent, the only way to say that the answer is not whole is to cut it off.
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(describeError(error));
  }
}

function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.has(name)
        ? []
        : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
