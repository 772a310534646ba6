import type { Readable } from 'node:stream';
import { AppError, toError } from '@go-agent/runtime';
import { Agent, type Dispatcher, request } from 'undici';
import { z } from 'zod';

export interface ServerClientOptions {
  /** Ends in `/go`. */
  readonly serverUrl: string;
  readonly token?: string;
  /** PEM of the authority to trust, for https with the server's own certificate. */
  readonly ca?: string;
  /** For how long the server may say nothing, in milliseconds. */
  readonly silenceMs?: number;
}

/** A held answer may take a minute; a quiet event stream has a sign of life each 15 s. A machine that is gone says nothing for ever. */
const SILENCE_MS = 90_000;

export interface ServerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readable;
}

/** The REST API as the commands use it. */
export class ServerClient implements AsyncDisposable {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #agent: Agent;

  constructor({ serverUrl, token, ca, silenceMs = SILENCE_MS }: ServerClientOptions) {
    this.#url = serverUrl.replace(/\/$/, '');
    this.#token = token;
    this.#agent = new Agent({
      headersTimeout: silenceMs,
      bodyTimeout: silenceMs,
      ...(ca === undefined ? {} : { connect: { ca } }),
    });
  }

  /** @throws AppError `server-unreachable`, `server-refused` */
  async getJson(path: string, version: number, signal?: AbortSignal): Promise<unknown> {
    return json(await this.open('GET', path, { accept: accept(version) }, undefined, signal));
  }

  /** @throws AppError `server-unreachable`, `server-refused` */
  async postJson(path: string, version: number, body: unknown, signal?: AbortSignal): Promise<unknown> {
    const headers = { accept: accept(version), 'content-type': 'application/json' };
    return json(await this.open('POST', path, headers, JSON.stringify(body), signal));
  }

  /**
   * A successful answer with its body still to be read.
   * @throws AppError `server-unreachable` (retryable), `server-refused`
   */
  async open(
    method: Dispatcher.HttpMethod,
    path: string,
    headers: Record<string, string>,
    body?: string,
    signal?: AbortSignal,
  ): Promise<ServerAnswer> {
    const authorization = this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
    let answer: Dispatcher.ResponseData;
    try {
      answer = await request(this.#url + path, {
        method,
        dispatcher: this.#agent,
        headers: { ...authorization, ...headers },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const message = `No answer from ${this.#url} (${toError(error).message}); is the server running, is --server-url right?`;
      throw new AppError('server-unreachable', message, { retryable: true, cause: error });
    }
    if (answer.statusCode < 300)
      return { status: answer.statusCode, headers: answer.headers, body: answer.body };
    const said = messageOf(await answer.body.text());
    throw new AppError(
      'server-refused',
      answer.statusCode === 401 ? this.#loginProblem() : `The server says ${answer.statusCode}: ${said}`,
    );
  }

  /** The server itself names the header, which is not for whoever types a command. */
  #loginProblem(): string {
    return this.#token === undefined
      ? 'The server wants the admin token (401). Set the variable GO_SERVER_TOKEN, or name a file that has it with --token-file'
      : 'The server does not accept this token (401). See GO_SERVER_TOKEN or --token-file; "go-server token --reset" makes another token';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

function accept(version: number): string {
  return `application/vnd.go.cd.v${version}+json`;
}

async function json(answer: ServerAnswer): Promise<unknown> {
  const chunks = await answer.body.toArray();
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

const problem = z.object({ message: z.string().optional(), error: z.string().optional() });

function messageOf(body: string): string {
  try {
    const { message, error } = problem.parse(JSON.parse(body));
    const text = message ?? error;
    if (text !== undefined) return text;
  } catch {
    // Not of the API's shape: the text itself.
  }
  return body.trim() === '' ? 'nothing more' : body.trim();
}
