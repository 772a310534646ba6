import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The files below a folder that this process has open. Linux only. */
export async function openBelow(folder: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const paths = await Promise.all(
    descriptors.map((fd) => readlink(join('/proc/self/fd', fd)).catch(() => '')),
  );
  return paths.filter((path) => path.startsWith(folder));
}
