import type { Readable } from 'node:stream';
import { CONTEXT_PATH } from '@go-agent/protocol';
import { AppError, backoffDelay, type Clock, toError } from '@go-agent/runtime/core';
import { Client, type Dispatcher } from 'undici';

interface RelayRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the server's URL, from the path functions of the protocol. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each attempt to reach the relay. */
  readonly body?: () => Readable;
  readonly signal: AbortSignal;
}

export interface RelayAnswer {
  readonly status: number;
  /** Must be read to its end; `resume()` if it is not wanted. */
  readonly body: Readable;
}

/** The job's way to the server's files, which the courier lends: it adds the credentials. */
export interface Relay {
  /** @throws AppError relay-unreachable; the reason of `signal` */
  request(request: RelayRequest): Promise<RelayAnswer>;
}

// The courier may be restarting, or being upgraded: its absence is no failure of the server's.
const ABSENCE = { firstMs: 50, factor: 2, maxMs: 5000, jitter: 0.2 };
const LONGEST_ABSENCE_MS = 600_000;
const ABSENT = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE']);

/** @param socket path of relay.sock */
export function relayOverSocket(socket: string, clock: Clock): Relay & AsyncDisposable {
  const options = { socketPath: socket, headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 10_000 } };
  const client = new Client('http://relay', options);
  return {
    request: (request) => requestPatiently(client, request, clock),
    [Symbol.asyncDispose]: () => client.destroy(),
  };
}

async function requestPatiently(client: Client, request: RelayRequest, clock: Clock): Promise<RelayAnswer> {
  const deadline = clock.monotonic() + LONGEST_ABSENCE_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(client, request);
    } catch (error) {
      request.signal.throwIfAborted();
      if (!isAbsence(error)) throw error;
      if (clock.monotonic() > deadline) {
        throw new AppError(
          'relay-unreachable',
          `The agent that started this job has not been there for ${LONGEST_ABSENCE_MS / 60_000} minutes; restart the agent`,
          { retryable: true, cause: error },
        );
      }
    }
    await clock.sleep(backoffDelay(ABSENCE, attempt), request.signal);
    request.signal.throwIfAborted();
  }
}

async function send(
  client: Client,
  { method, path, headers, body, signal }: RelayRequest,
): Promise<RelayAnswer> {
  const options: Dispatcher.RequestOptions = {
    method,
    path: CONTEXT_PATH + path,
    signal,
    headers: { ...headers },
    body: body?.() ?? null,
  };
  const answer = await client.request(options);
  // Whoever reads the body sees its error; for one that nobody wants, there is nobody to tell.
  answer.body.on('error', () => undefined);
  return { status: answer.statusCode, body: answer.body };
}

function isAbsence(thrown: unknown): boolean {
  const error = toError(thrown);
  return 'code' in error && ABSENT.has(String(error.code));
}
