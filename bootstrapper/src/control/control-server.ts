import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { renameSync, rmSync, statSync } from 'node:fs';
import type * as http from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { answerRequest, type Controls } from './answer-request.ts';

/** HTTP on one address, for as long as the process lives. */
export interface ControlServer extends AsyncDisposable {
  /** `host:port`, or the path of the socket. */
  readonly address: string;
}

/**
 * Takes orders at a Unix socket that only its owner may use.
 * @param path short enough for a socket (runtime: socketPath). What is there is replaced: only for the one who holds the home folder
 */
export async function serveOrders(path: string, controls: Controls): Promise<ControlServer> {
  const server = httpOnDemand(controls, true);
  // A server that ends removes what has the name that it was opened by: by then that may be a successor's.
  const openedBy = `${path}.${randomBytes(4).toString('hex')}`;
  // The socket's file is made within `listen`, so that nobody sees it with another mode.
  const umask = process.umask(0o177);
  server.listen(openedBy);
  process.umask(umask);
  const listening = await opened(server, () => path);
  const { ino } = statSync(openedBy);
  try {
    renameSync(openedBy, path);
  } catch (error) {
    await listening[Symbol.asyncDispose]();
    throw error;
  }
  return {
    address: path,
    async [Symbol.asyncDispose]() {
      try {
        if (statSync(path).ino === ino) rmSync(path);
      } catch {
        // It has gone, or stays: the next one replaces it.
      }
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** Tells whoever can reach it how the agent is. @throws what the system reports, as for a port that is taken */
export async function serveHealth(
  { host, port }: { host: string; port: number },
  controls: Controls,
): Promise<ControlServer> {
  const server = httpOnDemand(controls, false);
  server.listen(port, host);
  return await opened(server, () => {
    const { address, port: actual } = server.address() as AddressInfo;
    return address.includes(':') ? `[${address}]:${actual}` : `${address}:${actual}`;
  });
}

/** Node's HTTP is loaded when somebody comes: most agents are never asked, and need not have it in memory. */
function httpOnDemand(controls: Controls, mayChange: boolean): Server {
  let loaded: http.Server | undefined;
  // Nothing is read before there is somebody who understands it.
  return createServer({ pauseOnConnect: true }, (socket: Socket) => {
    socket.on('error', () => socket.destroy());
    loaded ??= httpServer(controls, mayChange);
    loaded.emit('connection', socket);
    socket.resume();
  });
}

function httpServer(controls: Controls, mayChange: boolean): http.Server {
  return process
    .getBuiltinModule('node:http')
    .createServer({ requestTimeout: 10_000 }, (request, response) => {
      // No order has a body.
      request.resume();
      answerRequest(request.method ?? '', request.url ?? '/', controls, mayChange).then(
        ({ status, contentType, body }) => {
          response.writeHead(status, {
            'content-type': contentType,
            'content-length': Buffer.byteLength(body),
            connection: 'close',
          });
          response.end(request.method === 'HEAD' ? undefined : body);
        },
        () => response.destroy(),
      );
    });
}

async function opened(server: Server, address: () => string): Promise<ControlServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server, 'listening');
  // Neither keeps the process from ending.
  server.unref();
  return {
    address: address(),
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
