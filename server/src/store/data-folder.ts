import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@go-agent/runtime';

/** What others may do with the folder; the system's masks for "group" and "others". */
const OTHERS = 0o077;
/** What the first start has put there before the database. */
const FIRST = new Set(['logs', 'server.lock', 'server.pid']);

/** Keys, secrets and consoles lie in it, and only this user may see them: from the moment that it is made. */
export async function makeDataFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
}

/**
 * Takes everybody else's rights from a folder that was made by an older server, or with other rights by hand. A folder that holds
 * something else, too, is left as it is: it may be one that the whole system needs.
 */
export async function keepDataFolderPrivate(path: string, logger: Logger): Promise<void> {
  const { mode, uid } = await stat(path);
  // Windows has other rights than these.
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return;
  const was = (mode & 0o777).toString(8);
  if (uid === process.geteuid?.() && (await isDataFolder(path))) {
    await chmod(path, 0o700);
    logger.warn({ path, was }, `The data folder could be used by others (mode ${was}); it is 700 now`);
  } else {
    logger.warn(
      { path, was },
      `The data folder can be used by others (mode ${was}); choose one for the server alone, or chmod 700 it`,
    );
  }
}

async function isDataFolder(path: string): Promise<boolean> {
  const names = await readdir(path);
  return names.includes('server.db') || names.every((name) => FIRST.has(name));
}
