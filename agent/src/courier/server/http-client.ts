import type { Agent } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { AppError, MAX_TIMER_MS } from '@go-agent/runtime/core';
import { nodeHttp, sendHttp } from '../../http/send-http.ts';
import { REMEDY } from './server-error.ts';
import { SessionCookie } from './session-cookie.ts';
import { readTlsOptions, type TlsOptions, type TlsSettings } from './tls-options.ts';

export interface HttpClientOptions {
  /** Without a trailing slash. */
  readonly serverUrl: string;
  readonly connectTimeoutMs: number;
  /** From the end of a request to the start of its answer; also the longest silence within either. */
  readonly answerTimeoutMs: number;
  readonly tls: TlsSettings;
}

export interface HttpRequest {
  readonly method: string;
  /** Below the server's URL, with a leading slash. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
  /** For how much longer than others the answer may take: the server was asked to hold it, or has work to do first. Milliseconds. */
  readonly heldMs?: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  /** As sent: maybe compressed, see `content-encoding`. Read it to its end, or destroy it. */
  readonly body: Readable;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

// Below the 30 s for which GoCD's server keeps a connection, above the 5 s between two pings.
const KEEP_ALIVE_MS = 20_000;

/** Requests to one server: TLS as configured, its session cookie kept, no redirects, bounded waits. */
export class HttpClient implements AsyncDisposable {
  readonly #options: HttpClientOptions;
  readonly #secure: boolean;
  readonly #agent: Agent;
  readonly #cookie = new SessionCookie();

  private constructor(options: HttpClientOptions, tls: TlsOptions) {
    this.#options = options;
    this.#secure = options.serverUrl.startsWith('https:');
    const { Agent } = nodeHttp(this.#secure);
    this.#agent = new Agent({ ...tls, keepAlive: true, timeout: KEEP_ALIVE_MS });
  }

  static async open(options: HttpClientOptions): Promise<HttpClient> {
    return new HttpClient(options, await readTlsOptions(options.tls));
  }

  /** @throws AppError server-unreachable; the signal's reason when that is aborted */
  async send({ method, path, headers = {}, body, heldMs = 0, signal }: HttpRequest): Promise<HttpAnswer> {
    const { serverUrl, connectTimeoutMs, answerTimeoutMs } = this.#options;
    const { hostname, port, pathname, search } = new URL(serverUrl + path);
    try {
      const answer = await sendHttp({
        options: {
          agent: this.#agent,
          method,
          host: hostname.replaceAll(/^\[|\]$/g, ''),
          ...(port === '' ? {} : { port }),
          path: pathname + search,
          headers: { ...headers, ...this.#cookie.header() },
        },
        secure: this.#secure,
        body,
        connectTimeoutMs: Math.min(connectTimeoutMs, MAX_TIMER_MS),
        headersTimeoutMs: Math.min(answerTimeoutMs + heldMs, MAX_TIMER_MS),
        bodyTimeoutMs: Math.min(answerTimeoutMs, MAX_TIMER_MS),
        signal,
      });
      this.#cookie.remember(answer.headers['set-cookie']);
      const header = (name: string) => {
        const value = answer.headers[name.toLowerCase()];
        return Array.isArray(value) ? value[0] : value;
      };
      return { status: answer.statusCode ?? 0, header, body: answer, headers: answer.headers };
    } catch (cause) {
      throw unreachable(`${method} ${serverUrl}${withoutQuery(path)}`, cause, signal);
    }
  }

  /** Sends, and reads the answer to its end. */
  async sendForText(what: HttpRequest): Promise<HttpAnswer & { readonly text: string }> {
    const answer = await this.send(what);
    try {
      return { ...answer, text: await readText(answer) };
    } catch (cause) {
      throw unreachable(
        `${what.method} ${this.#options.serverUrl}${withoutQuery(what.path)}`,
        cause,
        what.signal,
      );
    }
  }

  /** Forgets the server's session, as after a registration (reference 3.3). */
  forgetSession(): void {
    this.#cookie.forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    return Promise.resolve();
  }
}

function readText(answer: HttpAnswer): Promise<string> {
  const encoding = answer.header('content-encoding')?.toLowerCase();
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return text(answer.body);
  // Failures of either stream come out where the text is read.
  return text(pipeline(answer.body, createGunzip(), () => undefined));
}

function unreachable(what: string, cause: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const remedy = REMEDY['server-unreachable'];
  return new AppError('server-unreachable', `${what} failed. ${remedy}`, { cause, retryable: true });
}

function withoutQuery(path: string): string {
  return path.split('?')[0] ?? path;
}
