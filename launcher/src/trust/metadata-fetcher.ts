import type { IncomingMessage } from 'node:http';
import { describeError } from '@go-agent/runtime';
import type { Fetcher } from 'tuf-js';
import { DownloadHTTPError, DownloadLengthMismatchError } from 'tuf-js/dist/error.js';

/** Sends a GET; resolves with the answer's headers. */
export type SendGet = (url: string) => Promise<IncomingMessage>;

/** Fetches metadata for tuf-js over the launcher's own HTTP client, and remembers whether the server was to blame. */
export class MetadataFetcher implements Fetcher {
  readonly #send: SendGet;
  #outage: string | undefined;

  constructor(send: SendGet) {
    this.#send = send;
  }

  /** Why something could not be fetched at all; undefined if the server answered each time. */
  get outage(): string | undefined {
    return this.#outage;
  }

  /** @throws DownloadHTTPError for an answer other than 200, DownloadLengthMismatchError for a longer one */
  async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    let answer: IncomingMessage | undefined;
    try {
      answer = await this.#send(url);
      const status = answer.statusCode ?? 0;
      if (status !== 200) throw new DownloadHTTPError(`${url}: the server answered ${status}`, status);
      return await readAtMost(answer, maxLength, url);
    } catch (error) {
      if (isOutage(error)) this.#outage ??= describeError(error);
      throw error;
    } finally {
      answer?.on('error', () => undefined).destroy();
    }
  }

  /** Bundles are not downloaded by tuf-js. */
  downloadFile(): never {
    throw new Error('MetadataFetcher fetches metadata only');
  }
}

/** A server that is down, starting or overloaded, or a connection that broke. */
function isOutage(error: unknown): boolean {
  if (error instanceof DownloadLengthMismatchError) return false;
  if (!(error instanceof DownloadHTTPError)) return true;
  const { statusCode } = error;
  return statusCode === 408 || statusCode === 429 || statusCode >= 500;
}

async function readAtMost(answer: IncomingMessage, maxLength: number, url: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxLength)
      throw new DownloadLengthMismatchError(`${url} has more than the ${maxLength} bytes that it may have`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
