import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { type Clock, describeError, withDeadline } from '@go-agent/runtime/core';
import { type HttpAnswer, sendRequest } from './send-request.ts';
import { type Handshake, shakeHands } from './shake-hands.ts';

/** How far one got on the way to the server. */
export type Reached<T> =
  | { readonly type: 'reached'; readonly value: T }
  /** No server is known. */
  | { readonly type: 'no-server' }
  /** An earlier step failed, which has a check of its own. */
  | { readonly type: 'blocked'; readonly by: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

export interface FirstAnswer extends HttpAnswer {
  /** It speaks as GoCD does. */
  readonly isServer: boolean;
  /** The server's clock less ours, in milliseconds; absent if it does not tell. */
  readonly skewMs?: number;
}

const PATIENCE_MS = 3_000;

/**
 * The steps to the server: its name, a connection, TLS, an answer. Each is taken once, whoever asks, and bounded in time. A step is
 * blocked by the one before, so that one cause is reported once.
 */
export class ServerProbe {
  readonly url: URL | undefined;
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #steps = new Map<string, Promise<unknown>>();

  constructor(url: URL | undefined, settings: Settings, clock: Clock) {
    this.url = url;
    this.#settings = settings;
    this.#clock = clock;
  }

  get port(): number {
    return Number(this.url?.port) || (this.url?.protocol === 'https:' ? 443 : 80);
  }

  /** Without the brackets of an IPv6 address. */
  get host(): string {
    return this.url?.hostname.replaceAll(/^\[|\]$/g, '') ?? '';
  }

  addresses(): Promise<Reached<readonly string[]>> {
    return this.#once('dns', () =>
      this.#attempt(async () => {
        if (isIP(this.host) !== 0) return [this.host];
        return (await lookup(this.host, { all: true })).map(({ address }) => address);
      }),
    );
  }

  /** Resolves to the local address of the connection. */
  connection(): Promise<Reached<string>> {
    return this.#once('server', async () =>
      this.#after('dns', await this.addresses(), (signal) => openConnection(this.host, this.port, signal)),
    );
  }

  /** Over plain HTTP: undefined. */
  handshake(): Promise<Reached<Handshake | undefined>> {
    return this.#once('tls', async () =>
      this.#after('server', await this.connection(), async (signal) => {
        if (this.url?.protocol !== 'https:') return undefined;
        return shakeHands({ host: this.host, port: this.port, settings: this.#settings, signal });
      }),
    );
  }

  /** Of an address that a server answers without a token, whatever its certificate. */
  firstAnswer(): Promise<Reached<FirstAnswer>> {
    return this.#once('answer', async () =>
      this.#after('tls', await this.handshake(), (signal) => this.#askForHealth(signal)),
    );
  }

  /** A request with secrets: only to a server whose certificate is accepted. */
  async request(
    path: string,
    request: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    },
  ): Promise<Reached<HttpAnswer>> {
    const handshake = await this.handshake();
    if (handshake.type === 'reached' && handshake.value?.refused !== undefined)
      return { type: 'blocked', by: 'tls' };
    return this.#after('tls', handshake, (signal) =>
      sendRequest({ ...request, url: `${this.url?.href}${path}`, settings: this.#settings, signal }),
    );
  }

  async #askForHealth(signal: AbortSignal): Promise<FirstAnswer> {
    const before = this.#clock.now();
    const settings = { ...this.#settings, 'ssl-verification-mode': 'NONE' };
    const url = `${this.url?.href}/api/v1/health`;
    const answer = await sendRequest({ method: 'GET', url, headers: {}, settings, signal });
    const middle = (before + this.#clock.now()) / 2;
    // A Date header is cut to whole seconds.
    const date = Date.parse(answer.headers['date'] ?? '') + 500;
    return {
      ...answer,
      isServer: answer.status === 200 && /"health"\s*:\s*"/.test(answer.body),
      ...(Number.isNaN(date) ? {} : { skewMs: date - middle }),
    };
  }

  #once<T>(step: string, work: () => Promise<T>): Promise<T> {
    const known = this.#steps.get(step) ?? work();
    this.#steps.set(step, known);
    return known as Promise<T>;
  }

  async #after<T>(
    name: string,
    before: Reached<unknown>,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<Reached<T>> {
    if (before.type === 'reached') return this.#attempt(work);
    return before.type === 'failed' ? { type: 'blocked', by: name } : before;
  }

  async #attempt<T>(work: (signal: AbortSignal) => Promise<T>): Promise<Reached<T>> {
    if (this.url === undefined) return { type: 'no-server' };
    try {
      return { type: 'reached', value: await withDeadline(work, PATIENCE_MS, this.#clock) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return { type: 'failed', code: code ?? 'unknown', message: describeError(error) };
    }
  }
}

function openConnection(host: string, port: number, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal });
    socket.once('error', reject).once('connect', () => {
      resolve(socket.localAddress ?? '');
      socket.destroy();
    });
  });
}
