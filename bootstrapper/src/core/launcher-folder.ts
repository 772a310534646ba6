import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Launcher } from './pick-launcher.ts';

const SUFFIX = '-agent-launcher';
/** A folder that is younger may belong to a second bootstrapper that is about to be refused the lock. */
const LEFTOVER_MS = 60_000;

/** The temporary copy of the launcher that runs: `data/<uuid>-agent-launcher/`. */
export interface LauncherFolder extends AsyncDisposable {
  readonly path: string;
  /** Absolute path of the module that exports `main`. */
  readonly entry: string;
}

/** The manifest's paths are known to stay inside the folder (checkBundle). */
export async function unpackLauncher(home: string, launcher: Launcher): Promise<LauncherFolder> {
  const path = join(home, 'data', `${randomUUID()}${SUFFIX}`);
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    for (const [file, bytes] of launcher.files) {
      const target = join(path, file);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, bytes, { mode: 0o600 });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, entry: join(path, launcher.manifest.entry), [Symbol.asyncDispose]: remove };
}

/** Removes what killed bootstrappers left. Only for the one who holds the home folder's lock. */
export async function removeLeftovers(home: string, own: string, now: number): Promise<void> {
  const data = join(home, 'data');
  for (const name of await readdir(data)) {
    const path = join(data, name);
    if (!name.endsWith(SUFFIX) || path === own) continue;
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && now - found.mtimeMs > LEFTOVER_MS)
      await rm(path, { recursive: true, force: true });
  }
}
