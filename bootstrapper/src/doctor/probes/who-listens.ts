import { readdir, readFile, readlink } from 'node:fs/promises';
import { commandOf, processIds } from './read-process.ts';

/** Which process listens at a TCP port, as far as it may be seen: `pid 17 (nginx: master process)`. */
export async function whoListens(port: number): Promise<string | undefined> {
  const sockets = new Set((await listeners(port)).map((inode) => `socket:[${inode}]`));
  if (sockets.size === 0) return undefined;
  for (const pid of await processIds()) {
    const folder = `/proc/${pid}/fd`;
    for (const fd of await readdir(folder).catch(() => [])) {
      const target = await readlink(`${folder}/${fd}`).catch(() => '');
      if (sockets.has(target)) return `pid ${pid} (${(await commandOf(pid)).slice(0, 60)})`;
    }
  }
  return undefined;
}

/** Inodes of the sockets in state LISTEN, which is 0A. */
async function listeners(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${wanted}`))
    .map((fields) => fields[9] ?? '');
}
