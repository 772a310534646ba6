import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Launcher } from './pick-launcher.ts';

/** Makes the temporary copy of the launcher that runs: `data/<uuid>-agent-launcher/`; `entry` is the module with `main`. */
export async function unpackLauncher(
  home: string,
  { files, entry }: Launcher,
): Promise<AsyncDisposable & { readonly path: string; readonly entry: string }> {
  const path = join(home, 'data', `${randomUUID()}-agent-launcher`);
  const remove = () => rm(path, { recursive: true, force: true });
  try {
    for (const [file, bytes] of files) {
      await mkdir(dirname(join(path, file)), { recursive: true, mode: 0o700 });
      await writeFile(join(path, file), bytes, { mode: 0o600 });
    }
  } catch (error) {
    await remove();
    throw error;
  }
  // It is on the disk now, and this process has to be small for as long as the launcher runs.
  files.clear();
  return { path, entry: join(path, entry), [Symbol.asyncDispose]: remove };
}
