import { type Clock, describeError } from '@go-agent/runtime/core';
import { Bulletin } from './bulletin.ts';
import type { StubRequest } from './stub-request.ts';

export interface ReceivedOptions {
  /** Which match to wait for: 1, the default, is the first since the stub started. */
  readonly count?: number;
  /** Default 60,000. */
  readonly timeoutMs?: number;
}

/** The requests so far, to be looked at or waited for. */
export class RequestLog {
  readonly requests: StubRequest[] = [];
  readonly #clock: Clock;
  readonly #bulletin = new Bulletin();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(request: StubRequest): void {
    this.requests.push(request);
    this.#bulletin.changed();
  }

  /** @throws Error at the deadline, with the requests that came instead */
  async received(
    match: (request: StubRequest) => boolean,
    { count = 1, timeoutMs = 60_000 }: ReceivedOptions = {},
  ): Promise<StubRequest> {
    using over = deadline(this.#clock, timeoutMs);
    for (;;) {
      const found = this.requests.filter(match)[count - 1];
      if (found) return found;
      if (over.signal.aborted) throw new Error(this.#complaint(match, count, timeoutMs));
      await this.#bulletin.nextChange(over.signal);
    }
  }

  #complaint(match: (request: StubRequest) => boolean, count: number, timeoutMs: number): string {
    const lines = this.requests.slice(-20).map(({ method, path }) => `${method} ${path}`);
    const matches = this.requests.filter(match).length;
    return `Waited ${timeoutMs} ms for request ${count} of a kind; ${matches} came. The last of all:\n${lines.join('\n')}`;
  }
}

/** A signal that is aborted after so many milliseconds. */
function deadline(clock: Clock, ms: number): Disposable & { readonly signal: AbortSignal } {
  const over = new AbortController();
  const done = new AbortController();
  clock.sleep(ms, done.signal).then(
    (expired) => expired && over.abort(),
    (error: unknown) => over.abort(describeError(error)),
  );
  return { signal: over.signal, [Symbol.dispose]: () => done.abort() };
}
