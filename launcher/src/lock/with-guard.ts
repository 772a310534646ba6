import { DatabaseSync } from 'node:sqlite';
import { AppError, type Clock } from '@go-agent/runtime/core';

const LOOK_EVERY_MS = 20;
const PATIENCE_MS = 5_000;

/**
 * Runs `critical` while no other process (or thread) runs its own under the same file. The exclusion is a lock of the
 * operating system, which ends with its process however that ends; SQLite is how Node can take one on every system.
 * @throws AppError launcher-lock-busy if others keep it for 5 s
 */
export async function withGuard<T>(file: string, clock: Clock, critical: () => Promise<T>): Promise<T> {
  const deadline = clock.monotonic() + PATIENCE_MS;
  using database = new DatabaseSync(file, { timeout: 0 });
  while (!tryBegin(database)) {
    if (clock.monotonic() >= deadline) {
      throw new AppError('launcher-lock-busy', `${file} stays locked by another launcher that is starting`, {
        retryable: true,
      });
    }
    await clock.sleep(LOOK_EVERY_MS, new AbortController().signal);
  }
  return await critical();
}

function tryBegin(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    // SQLITE_BUSY, with whatever extension.
    if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5) return false;
    throw error;
  }
}
