import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { AS_AGENT } from './send-part.ts';

export interface LargeRequest {
  readonly method: 'POST' | 'PUT';
  /** Ends in `/go`. */
  readonly server: string;
  /** What follows. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface LargeAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Sends as agents do: by Node's own client, on a connection that is kept, and to the end of the body whatever the server says before. */
export class LargeSender implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  async send({ method, server, path, headers, body }: LargeRequest): Promise<LargeAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<LargeAnswer>();
    const sending = request(server + path, {
      agent: this.#agent,
      method,
      headers: { ...AS_AGENT, 'Content-Length': String(body.length), ...headers },
    });
    sending.once('error', reject);
    sending.once('response', (answer) => {
      const { statusCode: status, headers: given } = answer;
      text(answer).then((told) => resolve({ status, headers: given, body: told }), reject);
    });
    sending.end(body);
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
