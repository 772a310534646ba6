import type { ServerEvent } from '@go-agent/server';

/** Everything that the server has told over its event stream since `open`, in its order. */
export class EventLog implements Disposable {
  readonly events: ServerEvent[] = [];
  readonly #url: string;
  readonly #watchers = new Set<() => void>();
  #closed = new AbortController();
  #isOver = true;

  constructor(serverUrl: string) {
    this.#url = `${serverUrl}/api/v1/events`;
  }

  /** Resolves once nothing can be missed any more. Ends with the server; to be opened again when that is back. */
  async open(): Promise<void> {
    this.#closed.abort();
    this.#closed = new AbortController();
    const answer = await fetch(this.#url, { signal: this.#closed.signal });
    if (!answer.ok || answer.body === null) throw new Error(`No event stream: status ${answer.status}`);
    const greeted = Promise.withResolvers<void>();
    this.#isOver = false;
    const over = this.#read(answer.body, greeted.resolve, this.#closed.signal);
    void over.then(() => greeted.reject(new Error('The event stream ended before its greeting')));
    await greeted.promise;
  }

  /**
   * Resolves with the first matching event after the first `from` of `events`: at once, if it has been told already.
   * @throws Error if none has been told when the stream ends
   */
  async next(matches: (event: ServerEvent) => boolean, from: number): Promise<ServerEvent> {
    for (let i = from; ; ) {
      for (; i < this.events.length; i++) {
        const event = this.events[i];
        if (event !== undefined && matches(event)) return event;
      }
      if (this.#isOver) throw new Error(`The event stream has ended, after ${this.events.length} events`);
      const told = Promise.withResolvers<void>();
      this.#watchers.add(told.resolve);
      await told.promise;
      this.#watchers.delete(told.resolve);
    }
  }

  /** The states in which an agent has been, without repeats. */
  agentStates(uuid: string): string[] {
    const states = this.events.flatMap((event) =>
      event.type === 'agent-changed' && event.agent.uuid === uuid ? [event.agent.state] : [],
    );
    return states.filter((state, i) => state !== states[i - 1]);
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
  }

  /** Resolves at the end of the stream, however that comes. */
  async #read(body: ReadableStream<Uint8Array>, onHello: () => void, closed: AbortSignal): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of body) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const [, type, data] = /^event: (\S+)\ndata: (.*)$/s.exec(block) ?? [];
          if (type === 'hello') onHello();
          else if (data !== undefined) this.events.push(JSON.parse(data) as ServerEvent);
        }
        this.#wake();
      }
    } catch {
      // Cut off: the server was killed, or nobody listens any more.
    }
    // Another one may have been opened since.
    if (this.#closed.signal === closed) this.#isOver = true;
    this.#wake();
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
