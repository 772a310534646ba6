import { AppError, toError } from '@go-agent/runtime';
import type { ServerClient } from './server-client.ts';

export interface ReceivedEvent {
  readonly type: string;
  readonly data: unknown;
}

export interface ServerEvents extends AsyncDisposable {
  /** What happens from now on. Ends when the server does. @throws AppError `server-unreachable` when the connection breaks */
  readonly events: AsyncIterator<ReceivedEvent>;
}

/** Opens the server's event stream; resolves once the server listens to itself. */
export async function serverEvents(client: ServerClient, signal: AbortSignal): Promise<ServerEvents> {
  const { body } = await client.open(
    'GET',
    '/api/v1/events',
    { accept: 'text/event-stream' },
    undefined,
    signal,
  );
  const events = parse(unbroken(body, signal));
  await events.next();
  return {
    events,
    async [Symbol.asyncDispose]() {
      body.destroy();
    },
  };
}

async function* unbroken(body: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    const message = `The server says nothing any more (${toError(error).message}); what it was asked for may go on there`;
    throw new AppError('server-unreachable', message, { retryable: true, cause: error });
  }
}

async function* parse(body: AsyncIterable<unknown>): AsyncGenerator<ReceivedEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      if (type !== undefined && data !== undefined) yield { type, data: JSON.parse(data) };
    }
  }
}
