import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { AppError, type Clock } from '@go-agent/runtime';

/** Half-dead connections are found by TCP, not by a limit of time: an upload may take hours. */
const OPTIONS = {
  requestTimeout: 0,
  headersTimeout: 60_000,
  keepAliveTimeout: 75_000,
  keepAlive: true,
  noDelay: true,
} as const;
/** A fleet that comes back at once must not be turned away by the system: connections that wait to be accepted. */
const BACKLOG = 4096;
/** Running requests get this long to end when the server stops. */
const GRACE_MS = 3000;

export interface Listener extends AsyncDisposable {
  readonly url: string;
  /** Requests wait until there is a handler: an agent that comes early is answered late, not refused (agent-protocol 10.3.14). */
  serve(handler: RequestListener): void;
}

export interface ListenOn {
  readonly host: string;
  readonly port: number;
  /** The option to change when the port is taken, for the message. */
  readonly portOption: string;
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly clock: Clock;
}

/** @throws AppError `port-taken`, `listen-failed` */
export async function listen(on: ListenOn): Promise<Listener> {
  let isServing = false;
  const handler = Promise.withResolvers<RequestListener>();
  const onRequest: RequestListener = (request, response) => {
    void handler.promise.then((handle) => handle(request, response));
  };
  const server: Server =
    on.tls === undefined
      ? createServer(OPTIONS, onRequest)
      : createTlsServer({ ...OPTIONS, ...on.tls }, onRequest);
  const connections = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  await start(server, on);
  const { port } = server.address() as AddressInfo;
  const shownHost = on.host === '0.0.0.0' || on.host === '::' ? 'localhost' : on.host;
  return {
    url: `${on.tls === undefined ? 'http' : 'https'}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}/go`,
    serve(handle) {
      isServing = true;
      handler.resolve(handle);
    },
    [Symbol.asyncDispose]: () => close(server, connections, on.clock, isServing),
  };
}

async function start(server: Server, { host, port, portOption }: ListenOn): Promise<void> {
  const options: ListenOptions = { host, port, backlog: BACKLOG };
  server.listen(options);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      const message = `Port ${port} on ${host} is taken by another program. End it, or choose another port with ${portOption}`;
      throw new AppError('port-taken', message, { cause: error });
    }
    throw new AppError('listen-failed', `Cannot listen on ${host}:${port} (${portOption}, --bind)`, {
      cause: error,
    });
  }
}

async function close(
  server: Server,
  connections: ReadonlySet<Socket>,
  clock: Clock,
  isServing: boolean,
): Promise<void> {
  const closed = new AbortController();
  const done = new Promise<void>((resolve) => {
    server.close(() => {
      closed.abort();
      resolve();
    });
  });
  server.closeIdleConnections();
  // Without a handler nothing would ever be answered.
  // Of those that have not spoken TLS yet, the server itself knows nothing.
  if (!isServing || (await clock.sleep(GRACE_MS, closed.signal)))
    for (const connection of connections) connection.destroy();
  await done;
}
