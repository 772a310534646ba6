import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TEST_PATH } from '../../testing/test-job.ts';

export interface CuttingServer extends AsyncDisposable {
  readonly port: number;
  /** How many connections there have been. */
  readonly connections: number;
  /**
   * Of the next connections on which the server says `word`, so many end right there. The empty word: as soon as they are made.
   */
  cut(times: number, word: string): void;
}

/** Gives each connection to a process of its own (as inetd does), and cuts some. */
export async function cuttingServer(command: string, args: readonly string[]): Promise<CuttingServer> {
  let connections = 0;
  let left = 0;
  let cutAt = '';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    const end = () => {
      left -= 1;
      socket.resetAndDestroy();
    };
    if (left > 0 && cutAt === '') return end();
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: TEST_PATH } });
    socket.pipe(child.stdin.on('error', () => undefined));
    socket.on('close', () => child.stdin.destroy());
    child.stdout.on('data', (chunk: Buffer) => {
      if (left <= 0 || cutAt === '' || !chunk.includes(cutAt)) return socket.write(chunk);
      // What was said before arrives, and then nothing.
      left -= 1;
      child.stdout.removeAllListeners('data').resume();
      return socket.end(chunk.subarray(0, chunk.indexOf(cutAt) + cutAt.length));
    });
    child.stdout.on('end', () => socket.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    cut(times, word) {
      left = times;
      cutAt = word;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Serves the repositories in a folder with git's own protocol. Its word before the objects is `PACK`. */
export function gitDaemon(folder: string): Promise<CuttingServer> {
  return cuttingServer('git', ['daemon', '--inetd', '--export-all', `--base-path=${folder}`]);
}
