import type { ClientRequest, IncomingMessage } from 'node:http';
import type { TlsOptions } from './tls-options.ts';

export interface RequestOptions {
  readonly method: 'GET' | 'HEAD';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
  /** Longest silence on the connection, in milliseconds. */
  readonly silenceMs: number;
  readonly signal: AbortSignal;
}

/**
 * One request on a connection of its own; resolves with the answer's headers. Node's own client: an HTTP library would
 * cost the idle launcher 20 MB for a handful of requests.
 */
export function sendRequest({
  method,
  url,
  headers = {},
  tls,
  silenceMs,
  signal,
}: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false, signal, timeout: silenceMs };
    const request: ClientRequest = url.startsWith('https:')
      ? // Loaded only when it is used, since it is 6 MB.
        process.getBuiltinModule('node:https').request(url, { ...options, ...tls }, resolve)
      : process.getBuiltinModule('node:http').request(url, options, resolve);
    request.on('timeout', () => request.destroy(new Error(`nothing came for ${silenceMs} ms`)));
    request.on('error', reject);
    request.end();
  });
}
