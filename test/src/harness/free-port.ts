import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenOnLoopback } from '@go-agent/server-stub';

/** A port on loopback that nobody else gets by chance, for a server that is started later, or must come back on the same one. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  const port = await listenOnLoopback(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}
