import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { agentBundlePath, type BundleName, HeaderName } from '@go-agent/protocol';
import { type Clock, describeError, withDeadline } from '@go-agent/runtime';
import { type Offer, readOffer } from './read-offer.ts';
import { sendRequest } from './send-request.ts';
import type { TlsOptions } from './tls-options.ts';

/** The agent does not start before its launcher has asked, so a server that hangs may cost a few seconds, no more. */
const OFFER_DEADLINE_MS = 5_000;
/** Longest silence in a download. */
const SILENCE_MS = 30_000;
/** As Node names it. */
const MD5_HEADER = HeaderName.contentMd5.toLowerCase();

export interface BundleBody {
  readonly status: number;
  readonly md5: string | undefined;
  /** Content-Length in bytes, if the server gives one. */
  readonly length: number | undefined;
  /** What of the bundle is sent, if it is not all. */
  readonly contentRange: string | undefined;
  /** Seconds or a date, as the server sent it. */
  readonly retryAfter: string | undefined;
  readonly body: Readable;
}

/** The bundle endpoints of a server (docs/architecture.md, extensions of the wire). */
export class BundleServer {
  readonly #serverUrl: string;
  readonly #tls: () => Promise<TlsOptions>;
  readonly #clock: Clock;
  readonly #describe: () => Readonly<Record<string, string>>;

  /**
   * @param tls how to connect; a file that it cannot read fails the request
   * @param describe headers that tell who asks, and what it runs
   */
  constructor(
    serverUrl: string,
    tls: () => Promise<TlsOptions>,
    clock: Clock,
    describe: () => Readonly<Record<string, string>> = () => ({}),
  ) {
    this.#serverUrl = serverUrl;
    this.#tls = tls;
    this.#clock = clock;
    this.#describe = describe;
  }

  /** Never rejects: a server that cannot be asked has no verdict. */
  async offer(name: BundleName, signal: AbortSignal): Promise<Offer> {
    try {
      return await withDeadline((soon) => this.#ask(name, soon), OFFER_DEADLINE_MS, this.#clock, signal);
    } catch (error) {
      return { type: 'unknown', reason: describeError(error) };
    }
  }

  async #ask(name: BundleName, signal: AbortSignal): Promise<Offer> {
    const answer = await this.#send('HEAD', name, signal);
    answer.resume();
    return readOffer({ status: answer.statusCode ?? 0, md5: first(answer.headers[MD5_HEADER]) });
  }

  /** From byte `from` on, if the server still has the bundle of this MD5 and can; else all of what it has. */
  async download(name: BundleName, md5: string, from: number, signal: AbortSignal): Promise<BundleBody> {
    const range = from === 0 ? {} : { Range: `bytes=${from}-`, 'If-Range': `"${md5}"` };
    const answer = await this.#send('GET', name, signal, range);
    const { statusCode = 0, headers } = answer;
    const length = headers['content-length'];
    return {
      status: statusCode,
      md5: first(headers[MD5_HEADER])?.trim().toLowerCase(),
      length: length === undefined ? undefined : Number(length),
      contentRange: headers['content-range'],
      retryAfter: headers['retry-after'],
      body: answer,
    };
  }

  /** Any document of the server's; resolves with the answer's headers. */
  async get(url: string, signal: AbortSignal): Promise<IncomingMessage> {
    return sendRequest({ method: 'GET', url, tls: await this.#tls(), silenceMs: SILENCE_MS, signal });
  }

  async #send(
    method: 'GET' | 'HEAD',
    name: BundleName,
    signal: AbortSignal,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    const url = this.#serverUrl + agentBundlePath(name);
    return sendRequest({
      method,
      url,
      headers: { ...this.#describe(), ...headers },
      tls: await this.#tls(),
      silenceMs: SILENCE_MS,
      signal,
    });
  }
}

function first(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
