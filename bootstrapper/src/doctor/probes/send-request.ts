import type { IncomingMessage } from 'node:http';
import type { Settings } from '@go-agent/protocol/launch-contract';
import { tlsOptions } from './tls-settings.ts';

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The first 64 kB. */
  readonly body: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly settings: Settings;
  readonly signal: AbortSignal;
}

const MOST_BYTES = 64 * 1024;

/** One request on a connection of its own, as launcher and agent would make it. Redirects are not followed. */
export async function sendRequest(what: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, settings, signal } = what;
  const isTls = url.startsWith('https:');
  const options = {
    method,
    headers,
    agent: false,
    signal,
    ...(isTls ? await unreadableAsNone(settings) : {}),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    // Loaded only when it is used: a bootstrapper that supervises carries this code, too, and would pay 6 MB for it.
    const request = isTls
      ? process.getBuiltinModule('node:https').request(url, options, resolve)
      : process.getBuiltinModule('node:http').request(url, options, resolve);
    request.on('error', reject).end(body);
  });
  return {
    status: answer.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
    ),
    body: await firstPart(answer),
  };
}

/** A certificate file that cannot be read has a check of its own. */
async function unreadableAsNone(settings: Settings): ReturnType<typeof tlsOptions> {
  const { 'ssl-verification-mode': mode = 'FULL' } = settings;
  return tlsOptions(settings).catch(() => tlsOptions({ 'ssl-verification-mode': mode }));
}

async function firstPart(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
    if (bytes >= MOST_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, MOST_BYTES);
}
