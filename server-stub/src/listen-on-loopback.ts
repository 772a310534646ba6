import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Server } from 'node:net';

/** Below the ports that a system hands out by itself (Linux from 32768, others from 49152): of those any other process may get one. */
const [FIRST, LAST] = [20_000, 32_000];

/**
 * Listens on a port that nobody else gets by chance while the server is away.
 * @param port where it was before; else one that is free is chosen
 * @returns the port
 */
export async function listenOnLoopback(server: Server, port?: number): Promise<number> {
  for (;;) {
    const chosen = port ?? randomInt(FIRST, LAST);
    try {
      server.listen(chosen, '127.0.0.1');
      await once(server, 'listening');
      return chosen;
    } catch (error) {
      if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}
