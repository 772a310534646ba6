/** An answer of the server, whatever its status. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Ask {
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, with `Content-Type: application/json`. */
  readonly raw?: string;
  /** Default: the newest version of the API. */
  readonly accept?: string;
  /** False: no token. */
  readonly withToken?: boolean;
}

/** The REST API as a user's script sees it. */
export class ApiClient {
  readonly #base: string;
  readonly #token: () => string;

  /** @param base ends in `/go` */
  constructor(base: string, token: () => string) {
    this.#base = base;
    this.#token = token;
  }

  /** @param path below `/go` */
  async ask(path: string, ask: Ask = {}): Promise<Answer> {
    const { method = 'GET', json, raw, accept = 'application/vnd.go.cd+json', withToken = true } = ask;
    const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const answer = await fetch(this.#base + path, {
      method,
      headers: {
        accept,
        ...(withToken ? { authorization: `Bearer ${this.#token()}` } : {}),
        ...(body === undefined ? { 'x-gocd-confirm': 'true' } : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  /** @throws Error if the status is not 2xx */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(succeeded(path, await this.ask(path)).text) as T;
  }

  /** @throws Error if the status is not 2xx */
  async getText(path: string): Promise<string> {
    return succeeded(path, await this.ask(path, { accept: '*/*' })).text;
  }

  /** @throws Error if the status is not 2xx */
  async send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, json?: unknown): Promise<T> {
    const answer = await this.ask(path, { method, ...(json === undefined ? {} : { json }) });
    return JSON.parse(succeeded(`${method} ${path}`, answer).text) as T;
  }
}

function succeeded(what: string, answer: Answer): Answer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw new Error(`${what}: status ${answer.status}: ${answer.text.slice(0, 500)}`);
}
