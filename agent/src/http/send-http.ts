import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, type Readable } from 'node:stream';

export interface HttpSend {
  /** Method, path, headers, the agent that keeps connections, and where to; what TLS needs as well. */
  readonly options: RequestOptions;
  readonly secure?: boolean;
  readonly body?: string | Uint8Array | Readable | undefined;
  /** Patience until there is a connection; 0: any. */
  readonly connectTimeoutMs: number;
  /** From the end of the request to the beginning of its answer; 0: any. */
  readonly headersTimeoutMs: number;
  /** Longest silence on the connection while a body goes or comes; 0: any. */
  readonly bodyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * One request; resolves when the answer's headers are there. Node's own client, whose parser is part of Node: a library that brings
 * its own takes 9 MiB more of an idle agent, and as much of its job host (docs/adr/0007-memory-of-an-idle-agent.md).
 * @throws what happened to the connection
 */
export function sendHttp(send: HttpSend): Promise<IncomingMessage> {
  const { options, body, signal } = send;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = nodeHttp(send.secure === true).request({ ...options, signal });
  const silence = watchSilence(request, send);
  request.once('error', reject);
  request.once('response', (response) => {
    // Whoever reads the answer sees its error; what ends a request that has its answer is nobody's news.
    request.on('error', () => undefined);
    response.once('error', () => undefined);
    silence.answerBegins(response);
    resolve(response);
  });
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) request.end(body);
  else pipeline(body, request, (error) => (error ? reject(error) : undefined));
  return promise;
}

/**
 * Not by an `import`, which would look at all that these modules have, and so load what they have for browsers: 7 MB. TLS is
 * loaded only where it is used.
 */
export function nodeHttp(secure: boolean) {
  return secure ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
}

function watchSilence(
  request: ClientRequest,
  { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs }: HttpSend,
): { answerBegins(response: IncomingMessage): void } {
  let socket: Socket | undefined;
  // What is sent breaks the silence as well, so this is the patience while the request goes.
  let patienceMs = bodyTimeoutMs;
  const now = (ms: number) => {
    patienceMs = ms;
    if (socket?.connecting === false) socket.setTimeout(ms);
  };
  const onTimeout = () => request.destroy(new Error(`nothing came for ${socket?.timeout ?? 0} ms`));
  const onSent = () => now(headersTimeoutMs);
  request.once('finish', onSent);
  request.once('socket', (given: Socket) => {
    socket = given;
    const { encrypted } = given as Socket & { readonly encrypted?: boolean };
    const ready = encrypted === true ? 'secureConnect' : 'connect';
    given.on('timeout', onTimeout);
    given.setTimeout(given.connecting ? connectTimeoutMs : patienceMs);
    if (given.connecting) given.once(ready, () => given.setTimeout(patienceMs));
  });
  return {
    answerBegins(response) {
      // It may begin before the request has ended.
      request.off('finish', onSent);
      now(bodyTimeoutMs);
      // Then the connection is kept for the next request, and is watched over by the one who keeps it.
      response.once('end', () => socket?.off('timeout', onTimeout));
    },
  };
}
