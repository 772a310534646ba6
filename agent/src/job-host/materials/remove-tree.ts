import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, describeError } from '@go-agent/runtime/core';

/**
 * Removes a file or folder with all that is in it, also where a tool has taken away the right to write (as Go does with its modules).
 * @throws AppError material-failed if something cannot be removed, such as files of another user
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await remove(path);
  } catch {
    await makeWritable(path);
    try {
      await remove(path);
    } catch (error) {
      const remedy = 'It may belong to another user, such as root in a container; remove it by hand';
      throw new AppError('material-failed', `${path} cannot be removed: ${describeError(error)}. ${remedy}`, {
        cause: error,
      });
    }
  }
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

/** Best effort: what cannot be made writable is reported by the removal that follows. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
