/** What an endpoint answers; the transport sends it, with or without a fault. */
export interface StubAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function textAnswer(status: number, body: string, headers: StubAnswer['headers'] = {}): StubAnswer {
  return { status, headers: { 'Content-Type': 'text/plain;charset=utf-8', ...headers }, body };
}

export const emptyNotFound: StubAnswer = { status: 404 };
