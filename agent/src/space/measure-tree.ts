import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/**
 * What a folder takes of the disk, in bytes. Links are not followed; a file with several names counts for each of them. What
 * vanishes meanwhile, or cannot be read, counts as nothing.
 * @throws the reason of `signal`
 */
export async function measureTree(folder: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const entries = await opendir(path).catch(() => undefined);
    if (entries === undefined) continue;
    for await (const entry of entries) {
      signal.throwIfAborted();
      const inside = join(path, entry.name);
      if (entry.isDirectory()) waiting.push(inside);
      const stats = await lstat(inside).catch(() => undefined);
      bytes += (stats?.blocks ?? 0) * BLOCK_BYTES;
    }
  }
  return bytes;
}
