import type { ServerResponse } from 'node:http';
import type { Clock } from '@go-agent/runtime';
import type { FastifyInstance } from 'fastify';
import type { EventBus } from '../core.ts';
import { clientGone } from '../http/client-gone.ts';

/** A comment is sent this often, so that a client that has vanished is noticed. */
const HEARTBEAT_MS = 15_000;
/** A reader who lags so far behind is cut off; it reads the state and subscribes again. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;

/**
 * `GET /go/api/v1/events`: what happens, as server-sent events; `event` is the type, `data` the ServerEvent as JSON. An
 * extension of ours. The first event is `hello`: whatever happens after it is told.
 */
export function eventStream(
  app: FastifyInstance,
  {
    events,
    clock,
    stopping,
  }: { readonly events: EventBus; readonly clock: Clock; readonly stopping: AbortSignal },
): void {
  app.get('/go/api/v1/events', async (_request, reply) => {
    reply.hijack();
    const response = reply.raw;
    const signal = clientGone(response, stopping);
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
      Connection: 'close',
    });
    using _subscription = events.subscribe((event) => write(response, event.type, event));
    write(response, 'hello', {});
    while (await clock.sleep(HEARTBEAT_MS, signal)) response.write(': alive\n\n');
    response.end();
  });
}

function write(response: ServerResponse, type: string, data: unknown): void {
  if (response.writableLength > MAX_BACKLOG_BYTES) response.destroy();
  else if (!response.destroyed) response.write(`event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
}
