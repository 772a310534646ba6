import { existsSync } from 'node:fs';
import type { Agent } from 'node:http';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { CONTEXT_PATH } from '@go-agent/protocol';
import { AppError, backoffDelay, type Clock, toError } from '@go-agent/runtime/core';
import { sendHttp } from '../http/send-http.ts';
import { relayAgent } from './relay-agent.ts';

interface RelayRequest {
  /** QUERY is a GET whose body says what is wanted. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'QUERY';
  /** Below the server's URL, from the path functions of the protocol. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each attempt to reach the relay. */
  readonly body?: () => Readable;
  /** False: a connection that ends early is thrown, for the caller has to look how far it got. Default true. */
  readonly resend?: boolean;
  readonly signal: AbortSignal;
}

export interface RelayAnswer {
  readonly status: number;
  /** Undefined if the answer has none of that name. */
  header(name: string): string | undefined;
  /** Must be read to its end; `resume()` if it is not wanted. */
  readonly body: Readable;
}

/** The job's way to the server's files, which the courier lends: it adds the credentials. */
export interface Relay {
  /**
   * Waits for the courier for as long as that is away.
   * @throws AppError relay-unreachable: the job's journal is gone, so no courier will come; the reason of `signal`
   */
  request(request: RelayRequest): Promise<RelayAnswer>;
}

// The courier may be restarting, or being upgraded, or somebody has to start it again: that is no failure of the job, whose
// console and result wait as long.
const ABSENCE = { firstMs: 50, factor: 2, maxMs: 5000, jitter: 0.2 };
const NOT_THERE = new Set(['ECONNREFUSED', 'ENOENT']);
const ABSENT = new Set([...NOT_THERE, 'ECONNRESET', 'EPIPE']);
/** Transfers at the same time. */
const CONNECTIONS = 6;

/** @param socket path of relay.sock */
export function relayOverSocket(socket: string, clock: Clock): Relay & AsyncDisposable {
  const agent = relayAgent(socket, CONNECTIONS);
  return {
    request: (request) => requestPatiently(agent, dirname(socket), request, clock),
    [Symbol.asyncDispose]() {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

async function requestPatiently(
  agent: Agent,
  journal: string,
  request: RelayRequest,
  clock: Clock,
): Promise<RelayAnswer> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(agent, request);
    } catch (error) {
      request.signal.throwIfAborted();
      if (!isAbsence(error) || (request.resend === false && !isConnectFailure(error))) throw error;
      // A courier finds the job by its journal: without that none comes.
      if (!existsSync(journal))
        throw new AppError('relay-unreachable', `Somebody has removed ${journal}, the journal of this job`, {
          cause: error,
        });
    }
    await clock.sleep(backoffDelay(ABSENCE, attempt), request.signal);
    request.signal.throwIfAborted();
  }
}

async function send(
  agent: Agent,
  { method, path, headers, body, signal }: RelayRequest,
): Promise<RelayAnswer> {
  const answer = await sendHttp({
    options: { agent, method, host: 'relay', path: CONTEXT_PATH + path, headers: { ...headers } },
    body: body?.(),
    connectTimeoutMs: 0,
    headersTimeoutMs: 0,
    bodyTimeoutMs: 0,
    signal,
  });
  const header = (name: string) => {
    const value = answer.headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  };
  return { status: answer.statusCode ?? 0, header, body: answer };
}

function isAbsence(thrown: unknown): boolean {
  return ABSENT.has(codeOf(thrown));
}

function isConnectFailure(thrown: unknown): boolean {
  return NOT_THERE.has(codeOf(thrown));
}

function codeOf(thrown: unknown): string {
  const error = toError(thrown);
  return 'code' in error ? String(error.code) : '';
}
