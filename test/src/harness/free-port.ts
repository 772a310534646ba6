import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenOnLoopback, type PortRange } from '@go-agent/server-stub';

/** Not those of server stubs, of which many come and go while a server is away. */
const LATER: PortRange = [26_000, 32_000];
const given = new Set<number>();

/** A port on loopback that nobody else gets by chance, for a server that is started later, or must come back on the same one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer();
    const port = await listenOnLoopback(probe, undefined, LATER);
    probe.close();
    await once(probe, 'close');
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
