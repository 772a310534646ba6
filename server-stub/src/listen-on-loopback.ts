import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';

/**
 * From the first to before the second. Below those that a system hands out by itself (Linux from 32768, others from 49152): of those any
 * other process may get one.
 */
export type PortRange = readonly [first: number, end: number];

const STUBS: PortRange = [20_000, 26_000];

/**
 * Listens on a port that nobody else gets by chance while the server is away.
 * @param port where it was before; else one that is free is chosen
 * @param range other servers that are away for a while had better have another one
 * @returns the port
 */
export async function listenOnLoopback(server: Server, port?: number, range = STUBS): Promise<number> {
  for (;;) {
    const chosen = port ?? randomInt(...range);
    try {
      server.listen(chosen, '127.0.0.1');
      await once(server, 'listening');
      return chosen;
    } catch (error) {
      if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
