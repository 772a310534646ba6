import type { Readable } from 'node:stream';

/**
 * The chunks of a request's body, for whoever may answer before its end. A body that is left in the middle would be destroyed, and
 * its connection with it; one that nobody takes any more would hold up a client that sends on before it reads its answer. So the
 * rest is taken, and thrown away.
 */
export async function* bodyChunks(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false });
  } finally {
    body.resume();
  }
}
