import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Installation } from './installation.ts';

/**
 * Lets somebody look at the carried bundles without a trace: a single executable has to put them somewhere, and no home folder shall be
 * written, or even made, by who only looks.
 */
export async function withCarriedBundles<T>(
  { bundles }: Pick<Installation, 'bundles'>,
  look: (folder: string) => Promise<T>,
): Promise<T> {
  const place = join(tmpdir(), `go-agent-${randomUUID()}`);
  try {
    return await look(await bundles(place));
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
