import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CONTEXT_PATH } from '@go-agent/protocol';
import type { Clock } from '@go-agent/runtime/core';

/** A request as it came, with its whole body. */
export interface StubRequest {
  /** 1 for the first request of this stub. */
  readonly number: number;
  readonly method: string;
  /** The path with `/go`, decoded, without the query. */
  readonly path: string;
  /** The path without `/go`. */
  readonly endpoint: string;
  readonly query: URLSearchParams;
  /** By lower-case name. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** `X-Agent-GUID`, or an empty string. */
  readonly agentUuid: string;
  /** Of the stub's clock, when the body was complete; milliseconds. */
  readonly atMs: number;
  /** Aborted when it is answered, the client has gone, or the stub has ended. */
  readonly gone: AbortSignal;
}

/** @throws Error if the client goes away before the body is complete */
export async function readRequest(
  message: IncomingMessage,
  context: Pick<StubRequest, 'number' | 'gone'> & { readonly clock: Clock },
): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '/', 'http://stub');
  const path = decodePath(url.pathname);
  const uuid = message.headers['x-agent-guid'];
  return {
    number: context.number,
    method: message.method ?? '',
    path,
    endpoint: path.startsWith(`${CONTEXT_PATH}/`) ? path.slice(CONTEXT_PATH.length) : '',
    query: url.searchParams,
    headers: message.headers,
    body: Buffer.concat(chunks),
    agentUuid: typeof uuid === 'string' ? uuid : '',
    atMs: context.clock.now(),
    gone: context.gone,
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
